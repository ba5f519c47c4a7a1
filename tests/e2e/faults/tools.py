"""Media tools under a worker, looked at and frozen from outside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil

from tests.fixtures.processes import Process

TOOLS = ("ffmpeg", "ffprobe", "packager")
_WRAPPERS = ("bwrap", "prlimit", "setpriv")


def tree(worker: Process) -> list[psutil.Process]:
    """Tools and what confines them, below the worker."""
    return [process for process in _descendants(worker) if _name(process).startswith((*TOOLS, *_WRAPPERS))]


def tools(worker: Process, argument: str = "") -> Iterator[psutil.Process]:
    """Tools one of whose arguments contains the text."""
    for process in _descendants(worker):
        with suppress(psutil.NoSuchProcess):
            if process.name().startswith(TOOLS) and any(argument in word for word in process.cmdline()):
                yield process


async def freeze(worker: Process, argument: str = "", seconds: float = 60) -> psutil.Process:
    """Stop the next such tool in the middle of its work."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        for process in tools(worker, argument):
            with suppress(psutil.NoSuchProcess):
                process.suspend()
                if process.status() == psutil.STATUS_STOPPED:
                    return process
        await asyncio.sleep(0.002)
    raise AssertionError(f"no tool with {argument!r} was seen")


async def gone(processes: list[psutil.Process], seconds: float = 10) -> float:
    """Wait until none of them is left; when that was seen, in seconds since the epoch."""
    deadline = time.monotonic() + seconds
    while left := [process for process in processes if _runs(process)]:
        assert time.monotonic() < deadline, f"still there: {left}"
        await asyncio.sleep(0.01)
    return time.time()


def _descendants(worker: Process) -> list[psutil.Process]:
    try:
        return worker.descendants()
    except psutil.NoSuchProcess:
        return []


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
