"""The one place that starts media tools: sandboxed, limited, watched, and gone within a second of a cancel."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.adapters.ffmpeg.errors import SCRATCH_FULL_MARK, EncodeStalled, OutputTooLarge, classify
from core.adapters.ffmpeg.limits import Limits
from core.adapters.ffmpeg.progress import Reading
from core.adapters.ffmpeg.sandbox import ENVIRONMENT, Sandbox
from core.adapters.ffmpeg.streams import OutputOverflow, StderrTail, StdoutSink
from core.adapters.ffmpeg.watch import Watch
from core.adapters.scratch import Job

OnProgress = Callable[[Reading], None]
OnLine = Callable[[str], None]

_TERMINATE_GRACE_SECONDS = 0.4
_FULL_BELOW_BYTES = 4 * 1024**2


@dataclass(frozen=True)
class Completed:
    """`stdout` is empty when it carried progress or went to `on_line`. `cpu_seconds` is sampled: a lower bound.

    `stderr_lines` counts all lines, also those that `stderr_tail` (the last 8 kB) no longer shows.
    """

    returncode: int
    stdout: bytes
    stderr_tail: str
    cpu_seconds: float
    stderr_lines: int = 0


class MediaRunner:
    """Runs argv lists in a job's directory. Call it on the event loop's thread (see Sandbox.wrap)."""

    def __init__(self, sandbox: Sandbox, stall_seconds: float) -> None:
        self.sandbox = sandbox
        self._stall_seconds = stall_seconds

    async def run(
        self,
        command: Sequence[str],
        job: Job,
        *,
        limits: Limits | None = None,
        on_progress: OnProgress | None = None,
        on_line: OnLine | None = None,
        check: bool = True,
    ) -> Completed:
        """Run `command` (program name or path first) with the job as working directory.

        With `-progress pipe:1` in the command stdout is parsed as ffmpeg's progress; with `on_line` each line of
        stdout is passed on; otherwise stdout is returned. `on_progress` is called twice a second until the tool ends
        or is found stalled, for every tool. With `check=False` a plain failure is returned instead of raised.

        Raises ToolFailed, ToolKilled, OutOfMemory, CpuTimeExceeded, OutputTooLarge, ScratchFull, EncodeStalled; on
        CancelledError the whole process tree is ended first, in less than a second.
        """
        limits = limits or Limits()
        tool = Path(command[0]).name
        stdout = StdoutSink(limits.stdout_bytes, on_line, progress="pipe:1" in command)
        stderr = StderrTail()
        async with self._started(command, job, limits) as process:
            watch = Watch(process.pid, job, stdout.progress, self._stall_seconds, on_progress)
            try:
                await _follow(process, stdout, stderr, watch)
            except OutputOverflow as error:
                raise OutputTooLarge(tool, 0, f"more than {limits.stdout_bytes} bytes of output") from error
            if not watch.stalled:
                await process.wait()
        if watch.stalled:
            raise EncodeStalled(tool, 0, f"nothing moved for {self._stall_seconds:g} s after {watch.reading}")
        done = Completed(
            self._own_code(process), bytes(stdout.data), stderr.text(), watch.reading.cpu_seconds, stderr.lines
        )
        return _checked(tool, done, job, limits, check=check)

    @asynccontextmanager
    async def _started(
        self, command: Sequence[str], job: Job, limits: Limits
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            *self.sandbox.wrap(list(command), job.path, job.inputs, limits),
            cwd=job.path,
            env=ENVIRONMENT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            await _uninterrupted(_end(process))

    def _own_code(self, process: asyncio.subprocess.Process) -> int:
        """bwrap reports a signal as 128 + its number; give it back as subprocess does, negative."""
        code = process.returncode or 0
        return 128 - code if self.sandbox.namespaces and code > 128 and code - 128 in set(signal.Signals) else code


async def _follow(process: asyncio.subprocess.Process, stdout: StdoutSink, stderr: StderrTail, watch: Watch) -> None:
    """Until the tool has closed its output and ended, or has to be ended (stalled, too much output)."""
    assert process.stdout is not None  # noqa: S101 - we asked for pipes
    assert process.stderr is not None  # noqa: S101
    reading = asyncio.gather(stdout.drain(process.stdout), stderr.drain(process.stderr))
    watching = asyncio.create_task(watch.run())
    try:
        waiting: set[asyncio.Future[Any]] = {reading, watching}
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            await watching  # an error of the caller's on_progress is raised here
            return
        await reading
        watch.sample()
    finally:
        watching.cancel()
        reading.cancel()
        await asyncio.gather(watching, reading, return_exceptions=True)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End the whole tree: SIGTERM, then SIGKILL. A namespace dies with its first process, frozen or not."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        if process.returncode is not None:
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sent)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _TERMINATE_GRACE_SECONDS)
    await process.wait()
    # What is left of the tree holds the pipes open; only at their end may the job's directory be removed.
    for stream in (process.stdout, process.stderr):
        while stream is not None and await stream.read(65536):
            pass


async def _uninterrupted(work: Coroutine[object, object, None]) -> None:
    """Finish `work` however often it is cancelled meanwhile, then let the cancel through."""
    task = asyncio.create_task(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def _checked(tool: str, done: Completed, job: Job, limits: Limits, *, check: bool) -> Completed:
    # ffmpeg ends with 0 when only a file's last bytes found no room.
    if done.returncode == 0 and SCRATCH_FULL_MARK not in done.stderr_tail:
        return done
    full = shutil.disk_usage(job.path).free < _FULL_BELOW_BYTES
    spent = done.cpu_seconds >= limits.cpu_seconds - 1
    error = classify(tool, done.returncode, done.stderr_tail, scratch_full=full, cpu_spent=spent)
    if check or error.code != "TOOL_FAILED":
        raise error
    return done
