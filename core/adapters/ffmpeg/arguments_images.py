"""Storyboard sprites and posters, from what we encoded ourselves or from a picture that was uploaded."""

from __future__ import annotations

from core.adapters.ffmpeg.arguments import Source, command, open_own, open_source, write
from core.domain.media.plan import StoryboardPlan

_QUALITY = 4
"""mjpeg's quantiser: 2 is best, 31 worst."""


def sprites_command(plan: StoryboardPlan, video: str, pattern: str) -> list[str]:
    """argv that writes the sprites; `pattern` has %d for their number, from 0.

    Only key frames are decoded (65 times cheaper than all of the source). A tile shows the last key frame at or before
    its instant; missing ones at the end repeat the last, so that there are exactly as many as the plan says.
    """
    stream = open_own(video, threads=1, skip_frame="nokey")["v:0"]
    stream = stream.filter("fps", fps=f"1/{plan.interval:.6f}", start_time=0, round="up")
    stream = stream.filter("tpad", stop_mode="clone", stop=-1).filter("trim", end_frame=plan.tiles)
    stream = stream.filter("scale", plan.tile_width, plan.tile_height, flags="bicubic", out_range="full")
    stream = stream.filter("format", "yuvj420p").filter("setsar", 1)
    stream = stream.filter("tile", f"{plan.columns}x{plan.rows}")
    return command(_jpeg(stream, pattern, start_number=0))


def poster_command(video: str, at_seconds: float, sizes: list[tuple[int, int, str]]) -> list[str]:
    """argv that writes one picture of `video` in several (width, height, name)."""
    stream = open_own(video, threads=1, ss=f"{at_seconds:.3f}")["v:0"].filter("trim", end_frame=1)
    copies = stream.filter_multi_output("split", len(sizes))
    outputs = []
    for index, (width, height, name) in enumerate(sizes):
        scaled = copies[index].filter("scale", width, height, flags="bicubic", out_range="full")
        outputs.append(_jpeg(scaled.filter("format", "yuvj420p"), name, update=1))
    return command(*outputs)


def uploaded_poster_command(source: Source, widths: dict[str, int]) -> list[str]:
    """argv that writes one picture of a user's file as JPEGs, by name, each as wide as said or as the picture is."""
    copies = open_source(source)["v:0"].filter("trim", end_frame=1).filter_multi_output("split", len(widths))
    outputs = []
    for index, (name, width) in enumerate(widths.items()):
        fitted = f"min({width},iw)"
        scaled = copies[index].filter("scale", fitted, "max(1,round(ow*ih/iw))", flags="bicubic", out_range="full")
        outputs.append(_jpeg(scaled.filter("format", "yuvj420p").filter("setsar", 1), name, update=1))
    return command(*outputs)


def _jpeg(stream: object, name: str, **options: int) -> object:
    return write([stream], name, **{"c:v": "mjpeg", "q:v": _QUALITY, "threads": 1, "format": "image2", **options})
