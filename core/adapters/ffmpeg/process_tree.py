"""Processor time and written bytes of a running tool, read from /proc and the job's directory (Linux)."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time so far of a process, its living descendants and those they have waited for."""
    total = 0
    pending = [pid]
    while pending:
        current = pending.pop()
        total += _ticks(current)
        pending += _children(current)
    return total / _TICKS_PER_SECOND


def written_bytes(directory: Path, inputs: Collection[str]) -> int:
    """Size of all files below the directory, without the inputs that were linked into it."""
    total = 0
    for path in directory.rglob("*"):
        if path.name not in inputs:
            try:
                total += path.lstat().st_size
            except FileNotFoundError:
                continue
    return total


def _ticks(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    # proc(5): the name in parentheses may hold blanks; utime, stime, cutime, cstime are fields 14 to 17.
    fields = text.rpartition(")")[2].split()
    return sum(int(value) for value in fields[11:15])


def _children(pid: int) -> list[int]:
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return found
    return found
