"""Tools under the runner: limits hold, a cancel is quick, a frozen tool is noticed, a dead worker leaves nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from core.adapters.ffmpeg.errors import (
    CpuTimeExceeded,
    EncodeStalled,
    OutOfMemory,
    OutputTooLarge,
    ScratchFull,
    ToolFailed,
)
from core.adapters.ffmpeg.limits import MEBIBYTE, Limits
from core.adapters.ffmpeg.progress import Reading
from core.adapters.ffmpeg.runner import MediaRunner
from core.adapters.ffmpeg.sandbox import Sandbox
from core.adapters.scratch import Scratch

QUIET = ["ffmpeg", "-nostdin", "-y", "-v", "error"]
ENDLESS = [*QUIET, "-re", "-f", "lavfi", "-i", "testsrc2", "-f", "null", "-"]


def running_tools() -> list[psutil.Process]:
    """Tools and namespaces that this process has started, zombies left out."""
    below = psutil.Process().children(recursive=True)
    return [p for p in below if p.status() != psutil.STATUS_ZOMBIE and p.name() in {"ffmpeg", "bwrap"}]


async def until(condition: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.02)


async def test_progress_is_told_until_the_end(tmp_path: Path, each_sandbox: Sandbox) -> None:
    readings: list[Reading] = []
    source = ["-re", "-f", "lavfi", "-i", "testsrc2=size=64x48:duration=1.7"]
    progress = ["-nostats", "-stats_period", "0.5", "-progress", "pipe:1"]
    async with Scratch(tmp_path).job() as job:
        done = await MediaRunner(each_sandbox, 60).run(
            [*QUIET, *progress, *source, "file:o.mp4"], job, on_progress=readings.append
        )
        assert (job.path / "o.mp4").stat().st_size > 0
    assert done.stdout == b""
    assert done.cpu_seconds > 0
    assert [r.frame for r in readings] == sorted(r.frame for r in readings)
    assert readings[-1].frame > 10
    assert 2 <= len(readings) <= 8


async def test_a_tool_without_progress_ticks_too(tmp_path: Path, each_sandbox: Sandbox) -> None:
    readings: list[Reading] = []
    async with Scratch(tmp_path).job() as job:
        await MediaRunner(each_sandbox, 60).run(["sleep", "1.2"], job, on_progress=readings.append)
    assert len(readings) >= 2


async def test_a_cancel_ends_the_tool_within_a_second(tmp_path: Path, each_sandbox: Sandbox) -> None:
    scratch = Scratch(tmp_path)
    started = asyncio.Event()

    async def work() -> None:
        async with scratch.job() as job:
            await MediaRunner(each_sandbox, 60).run(ENDLESS, job, on_progress=lambda _: started.set())

    task = asyncio.create_task(work())
    await started.wait()
    assert running_tools()
    before = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - before < 1
    assert running_tools() == []
    assert list((tmp_path / "jobs").iterdir()) == []


async def test_cancelled_again_while_ending_a_frozen_tool_it_still_ends_it(
    tmp_path: Path, each_sandbox: Sandbox
) -> None:
    async with Scratch(tmp_path).job() as job:
        running = asyncio.create_task(MediaRunner(each_sandbox, 60).run(ENDLESS, job))
        await until(lambda: [p for p in running_tools() if p.name() == "ffmpeg"])
        for process in running_tools():
            process.suspend()
        before = time.monotonic()
        while not running.done():
            running.cancel()
            await asyncio.wait({running}, timeout=0.05)
        assert running.cancelled()
        assert time.monotonic() - before < 1
        assert running_tools() == []


async def test_a_frozen_tool_is_ended_as_stalled(tmp_path: Path, each_sandbox: Sandbox) -> None:
    async with Scratch(tmp_path).job() as job:
        running = asyncio.create_task(MediaRunner(each_sandbox, 1.5).run(ENDLESS, job))
        await until(lambda: [p for p in running_tools() if p.name() == "ffmpeg"])
        (encoder,) = (p for p in running_tools() if p.name() == "ffmpeg")
        os.kill(encoder.pid, signal.SIGSTOP)
        with pytest.raises(EncodeStalled):
            await asyncio.wait_for(running, 10)
        await until(lambda: not running_tools(), 1)


async def test_sigkill_of_the_worker_leaves_no_tool(tmp_path: Path, each_sandbox: Sandbox) -> None:
    script = (
        "import asyncio, sys; from pathlib import Path\n"
        "from core.adapters.ffmpeg.runner import MediaRunner; from core.adapters.ffmpeg.sandbox import Sandbox\n"
        "from core.adapters.scratch import Scratch\n"
        "async def main():\n"
        "    async with Scratch(Path(sys.argv[1])).job() as job:\n"
        f"        await MediaRunner(Sandbox({each_sandbox.namespaces}), 60).run({ENDLESS!r}, job)\n"
        "asyncio.run(main())\n"
    )
    worker = await asyncio.to_thread(subprocess.Popen, [sys.executable, "-c", script, str(tmp_path)])
    try:
        await until(lambda: any(p.name() == "ffmpeg" for p in psutil.Process(worker.pid).children(recursive=True)))
        tree = psutil.Process(worker.pid).children(recursive=True)
    finally:
        worker.kill()
        worker.wait()
    _, alive = await asyncio.to_thread(psutil.wait_procs, tree, 2)
    assert alive == []


@pytest.mark.parametrize(
    ("output", "limits", "expected"),
    [
        (["-f", "rawvideo", "file:big.yuv"], Limits(file_bytes=3 * MEBIBYTE), OutputTooLarge),
        (["-f", "rawvideo", "pipe:"], Limits(stdout_bytes=MEBIBYTE), OutputTooLarge),
        (["-f", "rawvideo", "file:/dev/null"], Limits(cpu_seconds=1), CpuTimeExceeded),
        (["-vf", "scale=9000:9000", "-f", "null", "-"], Limits(memory_bytes=450 * MEBIBYTE), OutOfMemory),
        (["-f", "matroska", "file:/dev/full"], Limits(), ScratchFull),
        (["-f", "no-such-format", "x"], Limits(), ToolFailed),
    ],
)
async def test_what_a_tool_may_use_is_bounded(
    tmp_path: Path, each_sandbox: Sandbox, output: list[str], limits: Limits, expected: type[Exception]
) -> None:
    source = ["-f", "lavfi", "-i", "testsrc2=size=1280x720"]
    async with Scratch(tmp_path).job() as job:
        with pytest.raises(expected):
            await MediaRunner(each_sandbox, 60).run([*QUIET, *source, *output], job, limits=limits)
        await until(lambda: not running_tools(), 1)


async def test_lines_are_passed_on_and_a_failure_can_be_looked_at(tmp_path: Path, each_sandbox: Sandbox) -> None:
    lines: list[str] = []
    async with Scratch(tmp_path).job() as job:
        (job.path / "text").write_text("one\ntwo\n")
        runner = MediaRunner(each_sandbox, 60)
        await runner.run(["cat", "text"], job, on_line=lines.append)
        done = await runner.run(["cat", "missing"], job, check=False)
    assert lines == ["one", "two"]
    assert (done.returncode, done.stderr_lines) == (1, 1)
    assert "No such file" in done.stderr_tail


async def test_in_a_namespace_other_files_the_network_and_the_input_are_out_of_reach(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    if not sandbox.namespaces:
        pytest.skip(f"no namespaces on this host: {sandbox.reason}")
    canary = tmp_path / "canary"
    canary.write_text("secret")
    runner = MediaRunner(sandbox, 60)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        port = server.getsockname()[1]
        async with Scratch(tmp_path / "scratch").job() as job:
            job.link(canary, "source")
            script = (
                f"cat {canary}; cat /etc/passwd; ls /home /root /var; echo x > source; chmod u+w source; rm -f source;"
                f"(exec 3<>/dev/tcp/127.0.0.1/{port}) && echo connected; id -u; cat source; exit 0"
            )
            done = await runner.run(["bash", "-c", script], job)
        with pytest.raises(TimeoutError):
            server.accept()
    assert done.stdout.split() == [b"65534", b"secret"]
    assert canary.read_text() == "secret"
