"""What all our ffmpeg commands have in common: guarded inputs, relative names, progress, a log of errors only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import ffmpeg

from core.domain.media.facts import FrameRate

#: Every tool runs in the job's directory. The prefix keeps ffmpeg from reading a protocol or a pattern into a name.
FILE = "file:"

#: One line for each error, also for repeated ones, so that lines can be counted.
_LOG_LEVEL = "repeat+error"


@dataclass(frozen=True)
class Source:
    """A user's file, named relative to the job, and the only demuxers it may be opened with.

    `start` is when the title starts, in seconds after the container's start. `indexed` marks our own remux: its
    timestamps already count from there.
    """

    name: str
    demuxers: tuple[str, ...]
    max_pixels: int
    indexed: bool = False
    start: float = 0.0


def open_source(source: Source, **options: Any) -> Any:
    """An ffmpeg-python input node that can open nothing but this file, with nothing but its own family's demuxers.

    All its times are seconds from the title's start.
    """
    shift = {"itsoffset": f"{-source.start:.6f}"} if source.start else {}
    return ffmpeg.input(
        FILE + source.name,
        protocol_whitelist="file",
        format_whitelist=",".join(source.demuxers),
        max_pixels=source.max_pixels,
        **shift,
        **options,
    )


def open_own(name: str, demuxer: str = "mov", **options: Any) -> Any:
    """An input that one of our own steps made."""
    return ffmpeg.input(FILE + name, protocol_whitelist="file", format=demuxer, **options)


def write(streams: Sequence[Any], name: str, **options: Any) -> Any:
    """An output without the source's metadata and chapters: nothing of a user's tags reaches a player."""
    return ffmpeg.output(*streams, FILE + name, map_metadata=-1, map_chapters=-1, **options)


def command(*outputs: Any, extra: Sequence[str] = ()) -> list[str]:
    """argv with progress on stdout. Raises nothing: the graph is checked by ffmpeg."""
    joined = outputs[0] if len(outputs) == 1 else ffmpeg.merge_outputs(*outputs)
    options = ["-nostdin", "-y", "-v", _LOG_LEVEL, "-nostats", "-stats_period", "0.5", "-progress", "pipe:1", *extra]
    return ["ffmpeg", *options, *cast("list[str]", ffmpeg.get_args(joined))]


def timescale(rate: FrameRate) -> int:
    """Ticks per second in which every frame of the grid is a whole number of ticks, and fine enough for players."""
    return rate.numerator if rate.numerator >= 10_000 else rate.numerator * 1000


def ticks_per_frame(rate: FrameRate) -> int:
    return timescale(rate) * rate.denominator // rate.numerator
