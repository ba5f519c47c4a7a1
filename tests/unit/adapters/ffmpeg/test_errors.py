from __future__ import annotations

import pytest

from core.adapters.ffmpeg.errors import (
    CpuTimeExceeded,
    OutOfMemory,
    OutputTooLarge,
    ScratchFull,
    ToolError,
    ToolFailed,
    ToolKilled,
    classify,
)


@pytest.mark.parametrize(
    ("returncode", "tail", "expected"),
    [
        (1, "file:x: Invalid data found when processing input", ToolFailed),
        (1, "av_interleaved_write_frame(): No space left on device", ScratchFull),
        (1, "av_interleaved_write_frame(): File too large", OutputTooLarge),
        (-25, "", OutputTooLarge),
        (1, "Error while opening encoder: Cannot allocate memory", OutOfMemory),
        (127, "libx264.so: failed to map segment from shared object", OutOfMemory),
        (-9, "", OutOfMemory),
        (-24, "", CpuTimeExceeded),
        (-11, "", ToolKilled),
    ],
)
def test_the_way_a_tool_ends_has_a_type(returncode: int, tail: str, expected: type[ToolError]) -> None:
    assert type(classify("ffmpeg", returncode, tail, scratch_full=False, cpu_spent=False)) is expected


def test_a_kill_after_all_processor_time_was_used_is_no_memory_problem() -> None:
    assert isinstance(classify("ffmpeg", -9, "", scratch_full=False, cpu_spent=True), CpuTimeExceeded)


def test_a_failure_on_a_full_disk_is_the_disks_whatever_the_tool_says() -> None:
    assert isinstance(classify("ffmpeg", 1, "Conversion failed!", scratch_full=True, cpu_spent=False), ScratchFull)


def test_text_from_a_hostile_file_cannot_forge_log_lines_or_colours() -> None:
    error = ToolFailed("ffmpeg", 1, "title: \x1b[31mred\x07\u202e\r")
    assert error.tail == "title: ?[31mred???"
