from __future__ import annotations

from pathlib import Path

import pytest

from core.adapters.ffmpeg.limits import Limits, encode_limits
from core.adapters.ffmpeg.sandbox import ENVIRONMENT, Sandbox


def wrapped(tmp_path: Path, *, namespaces: bool) -> list[str]:
    (tmp_path / "source").touch()
    return Sandbox(namespaces).wrap(["ffprobe", "-version"], tmp_path, {"source"}, Limits(cpu_seconds=7))


@pytest.mark.parametrize("namespaces", [True, False])
def test_limits_and_parent_death_hold_with_and_without_namespaces(tmp_path: Path, *, namespaces: bool) -> None:
    argv = wrapped(tmp_path, namespaces=namespaces)
    assert argv[:5] == ["setpriv", "--pdeathsig", "KILL", "--no-new-privs", "prlimit"]
    assert {"--cpu=7", "--core=0"} <= set(argv)
    assert argv[-1] == "-version"
    assert Path(argv[-2]).name == "ffprobe"


def test_inputs_are_read_only_inside_a_writable_job(tmp_path: Path) -> None:
    argv = wrapped(tmp_path, namespaces=True)
    job = argv.index("--bind")
    assert argv[job : job + 3] == ["--bind", str(tmp_path), "/job"]
    assert argv[job + 3 : job + 6] == ["--ro-bind", str(tmp_path / "source"), "/job/source"]


def test_nothing_of_home_root_or_configuration_is_shown(tmp_path: Path) -> None:
    argv = wrapped(tmp_path, namespaces=True)
    shown = {argv[i + 1] for i, word in enumerate(argv) if word in {"--ro-bind", "--bind", "--ro-bind-try"}}
    assert not shown & {"/", "/etc", "/root", "/home", "/var", "/proc", "/sys", "/tmp", "/run"}  # noqa: S108
    assert "--unshare-all" in argv


def test_a_program_outside_usr_brings_its_own_directory_only(tmp_path: Path) -> None:
    program = tmp_path / "tools" / "packager"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    argv = Sandbox(namespaces=True).wrap([str(program)], tmp_path, set(), Limits())
    where = argv.index(str(program.parent))
    assert argv[where - 1 : where + 2] == ["--ro-bind", str(program.parent), str(program.parent)]


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-tool"):
        Sandbox(namespaces=False).wrap(["no-such-tool"], tmp_path, set(), Limits())


def test_tools_inherit_nothing_of_our_environment() -> None:
    assert set(ENVIRONMENT) == {"PATH", "LANG", "HOME"}


def test_without_namespaces_the_description_says_so() -> None:
    assert "rlimits only" in Sandbox(namespaces=False, reason="no bwrap").describe()
    assert "no bwrap" in Sandbox(namespaces=False, reason="no bwrap").describe()


def test_larger_pictures_may_use_more_memory_and_longer_chunks_more_time() -> None:
    small, large = (
        encode_limits(10, 100, 1920 * 1080, 5_000_000),
        encode_limits(20, 100, 3840 * 2160, 5_000_000),
    )
    assert small.memory_bytes < large.memory_bytes
    assert small.cpu_seconds < large.cpu_seconds
    assert small.file_bytes < large.file_bytes
