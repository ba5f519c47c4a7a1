"""One chunk: one decode, cut exactly on the output frame grid, every rung encoded into one MP4."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import Any

from core.adapters.ffmpeg.arguments import Source, command, open_source, timescale, write
from core.adapters.ffmpeg.arguments_colour import colour_tags, scale_ranges, tone_mapped
from core.domain.media.plan import Chunk, Rendition, VideoPlan
from core.domain.media.rungs import largest_first

#: H.264 and HEVC reorder at most 16 frames; a key frame this much before the cut has all its leading pictures
#: before the cut too, and a container that seeks by decode time still lands before it.
_REORDER_FRAMES = 20
_REORDER_SECONDS = Fraction(1)
#: How much picture may be missing at the end before the source counts as truncated.
_TAIL_SECONDS = Fraction(1, 2)

#: Clockwise turns. Our rotation is applied after scaling, so sizes before it are turned back.
_TURNS: dict[int, tuple[tuple[str, str], ...]] = {
    0: (),
    90: (("transpose", "clock"),),
    180: (("hflip", ""), ("vflip", "")),
    270: (("transpose", "cclock"),),
}


def chunk_command(plan: VideoPlan, chunk: Chunk, source: Source, output: str) -> list[str]:
    """argv that encodes `chunk` of the plan's video stream from `source` into `output`, a track per rendition.

    Frame n of the output shows what the source shows at n / rate seconds after the title's start, whether the
    source is of constant or variable rate and however it is cut: frames are put on the grid by their absolute time
    (-copyts) before anything is dropped, so a chunk starts in the middle as the whole would have passed it.
    """
    threads = 1 if len(plan.chunks) > 1 else 2
    decoded = open_source(source, threads=threads, noautorotate=None, **_seek(plan, chunk, source))
    stream = decoded["0" if source.indexed else str(plan.stream)]
    rungs = _rungs(_prepared(_on_grid(stream, plan, chunk), plan), plan)
    encoded = write(rungs, output, **_encoders(plan, threads))
    once = ["-filter_complex_threads", str(threads), "-copyts"]
    return command(encoded, extra=once if source.indexed else [*once, "-start_at_zero"])


def _seek(plan: VideoPlan, chunk: Chunk, source: Source) -> dict[str, Any]:
    """Seek options, well before the cut; what lies between is decoded and dropped. None for the first frames."""
    start = plan.frame_rate.seconds(_first_decoded(plan, chunk))
    margin = max(_REORDER_SECONDS, plan.frame_rate.seconds(_REORDER_FRAMES))
    # With sizes that may change inside the stream, let the scalers adapt instead of starting the graph again.
    options: dict[str, Any] = {} if plan.deinterlace else {"reinit_filter": 0}
    if start <= margin:
        return options
    options |= {"ss": f"{float(start - margin):.6f}", "noaccurate_seek": None}
    return options | ({"seek_timestamp": 1} if source.indexed else {})


def _on_grid(stream: Any, plan: VideoPlan, chunk: Chunk) -> Any:
    """Exactly `chunk.frames` frames: the last one at or before each instant, the first one for instants before it.

    The trim ends the graph and with it the decoding. Not -frames: that closes all tracks when one has enough.
    """
    rate, first = plan.frame_rate, _first_decoded(plan, chunk)
    end = chunk.first_frame + chunk.frames
    held = max(0, end - (plan.total_frames - plan.held_frames))
    if plan.deinterlace:
        stream = stream.filter("bwdif", mode="send_frame")
    stream = stream.filter("settb", f"{rate.denominator}/{rate.numerator}")
    start = f"{float(rate.seconds(first)):.6f}"
    stream = stream.filter("fps", fps=str(rate), start_time=start, round="near")
    stream = stream.filter("tpad", stop_mode="clone", stop=held + _tail_frames(plan))
    before = {"start_frame": chunk.first_frame - first} if chunk.first_frame > first else {}
    return stream.filter("trim", **before, end_frame=end - first).filter("setpts", f"PTS-{chunk.first_frame}")


def _first_decoded(plan: VideoPlan, chunk: Chunk) -> int:
    """The chunk's own first frame; where only the last picture is held, one early enough to find that picture."""
    if not plan.held_frames:
        return chunk.first_frame
    shown = plan.total_frames - plan.held_frames
    return min(chunk.first_frame, max(0, shown - 1 - _tail_frames(plan)))


def _tail_frames(plan: VideoPlan) -> int:
    return max(1, ceil(_TAIL_SECONDS * plan.frame_rate.value))


def _prepared(stream: Any, plan: VideoPlan) -> Any:
    """The largest rung: scaled first, because everything after is then cheaper and sizes are even."""
    top = largest_first(plan.renditions)[0]
    turned = plan.rotation in {90, 270}
    width, height = (top.height, top.width) if turned else (top.width, top.height)
    stream = stream.filter("scale", width, height, flags="bicubic", **scale_ranges(plan))
    if plan.tone_map:
        stream = tone_mapped(stream, plan)
    stream = stream.filter("format", "yuv420p")
    for name, argument in _TURNS[plan.rotation]:
        stream = stream.filter(name, *([argument] if argument else []))
    return stream.filter("setsar", 1)


def _rungs(top: Any, plan: VideoPlan) -> list[Any]:
    """In the plan's order, each scaled from the next larger one: 6 % less CPU than from the source, same quality."""
    first, *smaller = largest_first(plan.renditions)
    encoded: dict[str, Any] = {}
    larger, current = first, top
    for rendition in smaller:
        halves = current.filter_multi_output("split")
        encoded[larger.name] = halves[0]
        current = halves[1].filter("scale", rendition.width, rendition.height, flags="bicubic").filter("setsar", 1)
        larger = rendition
    encoded[larger.name] = current
    return [encoded[rendition.name] for rendition in plan.renditions]


def _encoders(plan: VideoPlan, threads: int) -> dict[str, Any]:
    options: dict[str, Any] = {
        "c:v": "libx264",
        "preset": plan.preset,
        "profile:v": "high",
        "pix_fmt": "yuv420p",
        "threads": threads,
        "g": plan.gop_frames,
        "keyint_min": plan.gop_frames,
        "sc_threshold": 0,
        "flags": "+cgop",
        "fps_mode": "passthrough",
        "video_track_timescale": timescale(plan.frame_rate),
        "format": "mp4",
        **colour_tags(plan),
    }
    return options | _rates(plan.renditions)


def _rates(renditions: Sequence[Rendition]) -> dict[str, Any]:
    rates: dict[str, Any] = {}
    for track, rendition in enumerate(renditions):
        rates[f"crf:v:{track}"] = rendition.crf
        rates[f"maxrate:v:{track}"] = rendition.max_bitrate
        rates[f"bufsize:v:{track}"] = rendition.max_bitrate * 2
    return rates
