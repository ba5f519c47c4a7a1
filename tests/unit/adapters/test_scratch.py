from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from core.adapters.scratch import Scratch


async def test_a_job_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    async with Scratch(tmp_path).job() as job:
        assert job.path.stat().st_mode & 0o777 == 0o700
        (job.path / "deep").mkdir()
        (job.path / "deep" / "file").write_text("x")
    assert not job.path.exists()


async def test_a_failing_or_cancelled_job_is_gone_too(tmp_path: Path) -> None:
    scratch = Scratch(tmp_path)
    inside = asyncio.Event()

    async def work() -> None:
        async with scratch.job():
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(RuntimeError):
        async with scratch.job():
            raise RuntimeError
    assert list((tmp_path / "jobs").iterdir()) == []


async def test_a_linked_input_shares_the_cached_bytes(tmp_path: Path) -> None:
    cached = tmp_path / "cached"
    cached.write_text("x")
    async with Scratch(tmp_path).job() as job:
        job.link(cached, "source")
        assert (job.path / "source").stat().st_ino == cached.stat().st_ino
        assert job.inputs == {"source"}
    assert cached.read_text() == "x"


async def test_the_sweep_removes_what_a_killed_worker_left_and_spares_the_living(tmp_path: Path) -> None:
    script = (
        "import asyncio, os, signal, sys; from pathlib import Path; from core.adapters.scratch import Scratch\n"
        "async def main():\n"
        "    async with Scratch(Path(sys.argv[1])).job() as job:\n"
        "        (job.path / 'half').write_text('x'); os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", script, str(tmp_path)], check=False)
    assert len(list((tmp_path / "jobs").iterdir())) == 1
    scratch = Scratch(tmp_path)
    async with scratch.job() as alive:
        assert await scratch.sweep() == 1
        assert list((tmp_path / "jobs").iterdir()) == [alive.path]
