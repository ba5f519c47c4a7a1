"""What `sealcast doctor` says about a machine that lacks something."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from cli.doctor import diagnose, run_doctor
from cli.doctor_checks import CHECKS, Check, Finding, Status


def _found(environment: dict[str, str] | None = None) -> dict[str, Finding]:
    return {finding.name: finding for finding in diagnose(CHECKS, environment or {})}


@pytest.fixture
def no_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def _program(directory: Path, name: str, script: str) -> None:
    path = directory / name
    path.write_text(f"#!{shutil.which('sh', path=os.defpath)}\n{script}\n")
    path.chmod(0o755)


def test_missing_programs_are_named_with_their_commands(
    no_programs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for variable in ("S3_ENDPOINT", "DATABASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    assert run_doctor() == 1
    shown = capsys.readouterr().out
    assert "ffmpeg is not installed" in shown
    assert "Missing: Ceph\n  apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common" in shown
    assert "Missing: ffmpeg, ffprobe\n  apt-get install --no-install-recommends ffmpeg" in shown
    assert "Optional: Chromium\n  apt-get install --no-install-recommends chromium" in shown


def test_json_has_one_object_per_check(no_programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_doctor(as_json=True) == 1
    found = {item["name"]: item for item in json.loads(capsys.readouterr().out)}
    assert set(found) == {check.name for check in CHECKS}
    assert found["ffmpeg"]["status"] == "missing"
    assert found["Chromium"]["status"] == "optional-missing"
    assert found["Python"] == {"name": "Python", "status": "ok", "detail": found["Python"]["detail"], "remedy": ""}


def test_ffmpeg_without_a_filter_is_not_enough(no_programs: Path) -> None:
    listing = "\n".join(f" ... {name} V->V x" for name in ("bwdif", "fps", "scale", "tile", "tonemap"))
    _program(no_programs, "ffmpeg", f'case "$*" in *-version) echo ffmpeg version 9;; *) echo "{listing}";; esac')
    finding = _found()["ffmpeg"]
    assert finding.status is Status.MISSING
    assert finding.detail == "ffmpeg version 9, built without: zscale, aac, libx264, mjpeg, webvtt"


def test_program_that_fails_is_told_with_its_last_line(no_programs: Path) -> None:
    _program(no_programs, "ffprobe", "echo usage >&2; echo 'libavcodec.so: cannot open' >&2; exit 127")
    assert _found()["ffprobe"].detail == "ffprobe fails: libavcodec.so: cannot open"


def test_server_named_in_the_environment_needs_nothing_installed(no_programs: Path) -> None:
    assert _found()["Ceph"].status is Status.MISSING
    given = _found({"S3_ENDPOINT": "https://s3.example"})["Ceph"]
    assert (given.status, given.detail) == (Status.OK, "not needed: S3_ENDPOINT names a server")


def test_everything_found_exits_with_success(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.doctor.CHECKS", (Check("Python", lambda: "3.11", "", required=True),))
    assert run_doctor() == 0
    assert "Nothing that is required is missing." in capsys.readouterr().out


def test_this_machine_has_what_the_tests_run_on() -> None:
    """The embedded servers of this very session, as doctor sees them."""
    found = _found()
    names = ("Python", "ffmpeg", "ffprobe", "util-linux", "Temporal", "PostgreSQL", "Valkey", "chDB", "Shaka Packager")
    assert {name: found[name].status for name in names} == dict.fromkeys(names, Status.OK)
