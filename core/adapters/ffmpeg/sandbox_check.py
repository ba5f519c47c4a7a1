"""Prove on this host that the sandbox works: a job reads its own file, and neither a stranger's nor the network."""

from __future__ import annotations

import asyncio
import shutil
import socket

from core.adapters.ffmpeg.errors import ToolError
from core.adapters.ffmpeg.limits import Limits
from core.adapters.ffmpeg.runner import MediaRunner
from core.adapters.ffmpeg.sandbox import Sandbox
from core.adapters.scratch import Job, Scratch

_SECONDS = 20.0
_LIMITS = Limits(cpu_seconds=10)


async def detect_sandbox(scratch: Scratch) -> Sandbox:
    """Namespaces when they work here, otherwise rlimits only, with the reason. Raises when not even those work."""
    if shutil.which("bwrap") is None:
        return Sandbox(namespaces=False, reason="bubblewrap (bwrap) is not installed")
    fault = await find_fault(Sandbox(namespaces=True), scratch)
    return Sandbox(namespaces=False, reason=fault) if fault else Sandbox(namespaces=True)


async def find_fault(sandbox: Sandbox, scratch: Scratch) -> str:
    """Why this sandbox does not protect; empty when it does. Runs ffmpeg itself, since that is what is confined."""
    runner = MediaRunner(sandbox, stall_seconds=_SECONDS)
    async with scratch.job() as job, scratch.job() as other:
        (job.path / "own").write_bytes(b"\0" * 4096)
        canary = other.path / "canary"
        canary.write_bytes(b"\0" * 4096)
        try:
            if await _reads(runner, job, "file:own") != 0:
                return "a job cannot work in it"
        except (ToolError, OSError) as error:
            return f"{type(error).__name__}: {error}"
        if await _reads(runner, job, f"file:{canary}") == 0:
            return "a job can read another job's file"
        if await _connects(runner, job):
            return "a job can reach the network"
    return ""


async def _reads(runner: MediaRunner, job: Job, url: str) -> int:
    raw = ["-f", "s16le", "-ar", "8000", "-ac", "1", "-i", url, "-f", "null", "-"]
    done = await runner.run(["ffmpeg", "-nostdin", "-v", "error", *raw], job, limits=_LIMITS, check=False)
    return done.returncode


async def _connects(runner: MediaRunner, job: Job) -> bool:
    """Whether ffmpeg's TCP connect arrives at a listener of ours."""
    arrived = asyncio.Event()

    def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        arrived.set()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0, family=socket.AF_INET)
    async with server:
        port = server.sockets[0].getsockname()[1]
        await _reads(runner, job, f"tcp://127.0.0.1:{port}?timeout=2000000")
        # A connection that ffmpeg made is in the listener's queue by now; let the loop accept it.
        await asyncio.sleep(0)
        return arrived.is_set()
