"""How busy the machine was, with our own work and with that of others."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Occupation:
    """Over one stretch of time: wall seconds, and busy seconds of all processors together."""

    wall: float = 0.0
    busy: float = 0.0

    def by_others(self, ours: float) -> float:
        """Mean number of processors that did somebody else's work; `ours` is our own seconds."""
        return max(0.0, self.busy - ours) / self.wall if self.wall else 0.0


@asynccontextmanager
async def occupation() -> AsyncIterator[Occupation]:
    """Filled when the block ends."""
    found = Occupation()
    busy, begin = _busy_seconds(), time.monotonic()
    yield found
    found.busy, found.wall = _busy_seconds() - busy, time.monotonic() - begin


def _busy_seconds() -> float:
    """User, nice, system, interrupts and stolen time of all processors (proc(5))."""
    fields = [int(value) for value in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    return (sum(fields[:3]) + sum(fields[5:8])) / _TICKS


def load() -> float:
    """Load average of the last minute."""
    return os.getloadavg()[0]


def describe() -> str:
    models = {
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    }
    name = ", ".join(sorted(models)) or platform.machine()
    return f"{os.cpu_count()} x {name}, Python {platform.python_version()}"
