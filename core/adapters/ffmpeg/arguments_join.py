"""Stream copies: making a source seekable, and joining chunks to one file per rung."""

from __future__ import annotations

from collections.abc import Sequence

from core.adapters.ffmpeg.arguments import Source, command, open_own, open_source, timescale, write
from core.domain.media.facts import FrameRate
from core.domain.media.plan import Chunk, Rendition, VideoPlan

_MICROSECONDS = 1_000_000
#: Below the resolution of any container. Without an offset, ffmpeg moves the only stream that is copied out of a
#: transport stream to zero, and a picture that starts after the sound would start with it.
_NO_TIME = "-0.000001"


def index_command(stream: int, source: Source, output: str) -> list[str]:
    """argv that remuxes one video stream to Matroska, whose cues lead exactly to each key frame.

    Timestamps keep counting from the title's start. Frames that only have a decode time (AVI) get a
    presentation time, once and for the whole file, so that all chunks agree about it.
    """
    options = {} if source.start else {"itsoffset": _NO_TIME}
    video = open_source(source, fflags="+genpts", **options)[str(stream)]
    return command(write([video], output, c="copy", format="matroska", avoid_negative_ts="disabled"))


def join_command(plan: VideoPlan, renditions: Sequence[tuple[int, Rendition]], chunk_list: str) -> list[str]:
    """argv that joins the listed chunk files: one pass, one output per (track in the chunks, rendition).

    Parameter sets stay where they are (auto_convert=0); that they are equal in all chunks is checked beforehand.
    """
    chunks = open_own(chunk_list, "concat", auto_convert=0)
    outputs = [
        write(
            [chunks[f"v:{track}"]],
            f"{rendition.name}.mp4",
            c="copy",
            format="mp4",
            movflags="+faststart",
            video_track_timescale=timescale(plan.frame_rate),
        )
        for track, rendition in renditions
    ]
    return command(*outputs)


def concat_script(chunks: Sequence[Chunk], names: Sequence[str], rate: FrameRate) -> str:
    """A script for ffmpeg's concat demuxer. Durations are differences of rounded ends, so no error adds up."""
    lines = ["ffconcat version 1.0"]
    for chunk, name in zip(chunks, names, strict=True):
        start = _microseconds(chunk.first_frame, rate)
        end = _microseconds(chunk.first_frame + chunk.frames, rate)
        lines += [f"file {name}", f"duration {end - start}us"]
    return "\n".join(lines) + "\n"


def _microseconds(frames: int, rate: FrameRate) -> int:
    return round(rate.seconds(frames) * _MICROSECONDS)
