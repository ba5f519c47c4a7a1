from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.adapters.ffmpeg.runner import MediaRunner
from core.adapters.ffmpeg.sandbox import Sandbox
from core.adapters.ffmpeg.sandbox_check import _connects, detect_sandbox, find_fault
from core.adapters.scratch import Scratch

NOBODY = 65534
ROOT = Path(__file__).parents[3]


async def test_the_check_finds_nothing_where_namespaces_work(tmp_path: Path, sandbox: Sandbox) -> None:
    if not sandbox.namespaces:
        pytest.skip(f"no namespaces on this host: {sandbox.reason}")
    assert await find_fault(sandbox, Scratch(tmp_path)) == ""


async def test_the_check_finds_that_limits_alone_do_not_hide_files(tmp_path: Path) -> None:
    assert "another job's file" in await find_fault(Sandbox(namespaces=False), Scratch(tmp_path))


async def test_the_check_would_notice_a_connection(tmp_path: Path) -> None:
    async with Scratch(tmp_path).job() as job:
        assert await _connects(MediaRunner(Sandbox(namespaces=False), 60), job)


async def test_without_bubblewrap_it_is_limits_only_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.adapters.ffmpeg.sandbox_check.shutil.which", lambda _: None)
    found = await detect_sandbox(Scratch(tmp_path))
    assert not found.namespaces
    assert "not installed" in found.describe()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become an ordinary user")
def test_an_ordinary_user_is_protected_as_well_as_root(tmp_path_factory: pytest.TempPathFactory) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path\n"
        "from core.adapters.ffmpeg.sandbox_check import detect_sandbox; from core.adapters.scratch import Scratch\n"
        "print(asyncio.run(detect_sandbox(Scratch(Path(sys.argv[1])))).describe())\n"
    )
    become = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    with_home = subprocess.run(
        [*become, "mktemp", "-d"], check=True, capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )
    place = with_home.stdout.strip()
    try:
        done = subprocess.run(
            [*become, sys.executable, "-c", script, place], check=False, capture_output=True, text=True, cwd=ROOT
        )
    finally:
        subprocess.run(["rm", "-rf", place], check=True)
    if "Permission denied" in done.stderr:
        pytest.skip("this checkout is not readable for an ordinary user")
    assert "bubblewrap namespaces" in done.stdout, done.stdout + done.stderr
