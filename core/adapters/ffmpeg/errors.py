"""What can go wrong with a media tool, as types. All but OutputTooLarge are worth another try."""

from __future__ import annotations

import re
import signal

_UNPRINTABLE = re.compile(r"[^\x20-\x7e\n]")

SCRATCH_FULL_MARK = "No space left on device"
OUT_OF_MEMORY_MARKS = ("Cannot allocate memory", "failed to map segment")
FILE_TOO_LARGE_MARK = "File too large"


class ToolError(Exception):
    """A media tool did not do its work. `code` is stable; `tail` is the end of its stderr, printable ASCII only."""

    code = "TOOL_FAILED"

    def __init__(self, tool: str, returncode: int, tail: str) -> None:
        self.tool = tool
        self.returncode = returncode
        self.tail = _UNPRINTABLE.sub("?", tail)
        last = self.tail.strip().rsplit("\n", maxsplit=1)[-1]
        super().__init__(f"{tool} ended with {returncode}: {last[:500]}")


class ToolFailed(ToolError):
    """It ended with an error of its own."""


class ToolKilled(ToolError):
    """A signal that we did not send ended it."""

    code = "TOOL_KILLED"


class OutOfMemory(ToolKilled):
    """It met its address-space limit, or the kernel's memory killer chose it."""

    code = "OUT_OF_MEMORY"


class CpuTimeExceeded(ToolKilled):
    """It used more processor time than any honest input of this size needs."""

    code = "CPU_TIME_EXCEEDED"


class OutputTooLarge(ToolError):
    """It wrote more than the limit; the same input would do so again."""

    code = "OUTPUT_TOO_LARGE"


class ScratchFull(ToolError):
    """The host's scratch space is full."""

    code = "SCRATCH_FULL"


class EncodeStalled(ToolError):
    """Alive, but neither its position, its output nor its processor time moved for too long."""

    code = "ENCODE_STALLED"


def classify(tool: str, returncode: int, tail: str, *, scratch_full: bool, cpu_spent: bool) -> ToolError:
    """The typed error for a tool that ended with `returncode` (a negative one is a signal, as in subprocess)."""
    if scratch_full or SCRATCH_FULL_MARK in tail:
        return ScratchFull(tool, returncode, tail)
    if FILE_TOO_LARGE_MARK in tail or returncode == -signal.SIGXFSZ:
        return OutputTooLarge(tool, returncode, tail)
    if any(mark in tail for mark in OUT_OF_MEMORY_MARKS):
        return OutOfMemory(tool, returncode, tail)
    if returncode == -signal.SIGXCPU or (returncode == -signal.SIGKILL and cpu_spent):
        return CpuTimeExceeded(tool, returncode, tail)
    if returncode == -signal.SIGKILL:
        return OutOfMemory(tool, returncode, tail)
    return (ToolKilled if returncode < 0 else ToolFailed)(tool, returncode, tail)
