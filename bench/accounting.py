"""Processor time of process trees on Linux, from wait4(2) and /proc, exact to a tick also for what has ended.

bubblewrap exits without waiting for the first process of its namespace. Time of a tool is therefore in nobody's
accounts unless somebody above is a subreaper (prctl(2), PR_SET_CHILD_SUBREAPER), gets that orphan, and waits for it.
"""

from __future__ import annotations

import ctypes
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_KIBIBYTE = 1024

#: How a media tool's process is called (/proc/PID/comm has at most 15 characters).
TOOLS = {"ffmpeg": "ffmpeg", "ffprobe": "ffprobe", "packager": "packager", "packager-linux-": "packager"}
UNNAMED = "other tools"


def become_subreaper() -> None:
    """From now on orphans below this process become its children. Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "PR_SET_CHILD_SUBREAPER")


@dataclass(frozen=True)
class Stat:
    """One process. `state` as in proc(5), Z is a zombie; `own` and `waited` (of children it waited for) are seconds,
    `resident` is bytes."""

    name: str
    state: str
    own: float
    waited: float
    resident: int


def read_stat(pid: int) -> Stat | None:
    """None for a process that is gone. Fields as in proc(5); the name in parentheses may hold blanks."""
    try:
        head, _, tail = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = tail.split()
    user, system, waited_user, waited_system = (int(value) / _TICKS for value in fields[11:15])
    return Stat(head.partition("(")[2], fields[0], user + system, waited_user + waited_system, int(fields[21]) * _PAGE)


def children(pid: int) -> list[int]:
    """Of all threads, because a child belongs to the thread that started it."""
    found: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    except (FileNotFoundError, ProcessLookupError):
        return found
    return found


def tree(root: int) -> Iterator[tuple[int, int]]:
    """(process, parent) of the process and its living descendants."""
    pending = [(root, 0)]
    while pending:
        pid, parent = pending.pop()
        yield pid, parent
        pending += [(child, pid) for child in children(pid)]


def tree_seconds(root: int) -> float:
    """Processor time so far of a tree, with what its living members waited for."""
    stats = [read_stat(pid) for pid, _ in tree(root)]
    return sum(stat.own + stat.waited for stat in stats if stat is not None)


@dataclass
class ToolRun:
    """`name` as in TOOLS, `began` seconds since the epoch. Exact once its namespace was waited for; until then
    seconds and bytes are what was seen last."""

    name: str
    began: float
    seconds: float = 0.0
    peak_bytes: int = 0


class Accounts:
    """Totals of what this process starts and inherits. Call `look` often: it learns which orphan ran which tool."""

    def __init__(self) -> None:
        self.inherited_seconds = 0.0
        self.peak_sum_bytes = 0
        #: By process: the tool itself while it runs, the first process of its namespace afterwards.
        self._runs: dict[int, ToolRun] = {}

    def look(self) -> None:
        """At every descendant, once."""
        resident = 0
        for pid, parent in tree(os.getpid()):
            stat = read_stat(pid)
            if stat is None or pid == os.getpid():
                continue
            resident += stat.resident
            if stat.name in TOOLS:
                self._note(parent if _is_namespace(parent) else pid, stat)
        self.peak_sum_bytes = max(self.peak_sum_bytes, resident)

    def _note(self, key: int, stat: Stat) -> None:
        run = self._runs.setdefault(key, ToolRun(TOOLS[stat.name], time.time()))
        run.seconds = max(run.seconds, stat.own)
        run.peak_bytes = max(run.peak_bytes, stat.resident)

    def reap(self) -> None:
        """Wait for whatever has ended, without blocking."""
        while True:
            try:
                pid, _, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            seconds = usage.ru_utime + usage.ru_stime
            self.inherited_seconds += seconds
            run = self._runs.setdefault(pid, ToolRun(UNNAMED, time.time() - seconds))
            run.seconds, run.peak_bytes = seconds, max(run.peak_bytes, usage.ru_maxrss * _KIBIBYTE)

    def tools(self) -> list[ToolRun]:
        return list(self._runs.values())


def _is_namespace(pid: int) -> bool:
    stat = read_stat(pid)
    return stat is not None and stat.name == "bwrap"
