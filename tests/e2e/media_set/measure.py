"""Measurements of pictures and sound with Debian's ffmpeg, which shares no graph with the product's commands."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

#: Clockwise turns that a wrong rotation would show.
TURNS = {0: "null", 90: "transpose=clock", 180: "hflip,vflip", 270: "transpose=cclock"}


def ffmpeg(*arguments: object) -> str:
    """Runs ffmpeg; what it and its filters said."""
    command = ["ffmpeg", "-nostdin", "-hide_banner", "-y", *map(str, arguments)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, errors="replace")
    return done.stderr + done.stdout


def similarity(
    reference: Path, video: Path, size: tuple[int, int], rate: Fraction, *, turn: int = 0, shift: int = 0, frames: int
) -> float:
    """Mean SSIM (luma, 1 = same) of `video` and the reference as ffmpeg shows it upright, on the output's raster.

    `turn` turns the reference by that many degrees more, `shift` drops that many frames of it first: for showing that
    another orientation or another instant is less similar.
    """
    width, height = size
    raster = f"fps={rate}:start_time=0"
    shown = f"{TURNS[turn]},scale={width}:{height}:flags=area,format=gray"
    one = f"[0:v:0]{raster},trim=start_frame={shift}:end_frame={shift + frames},setpts=N/TB,{shown}[a]"
    other = f"[1:v:0]trim=end_frame={frames},setpts=N/TB,scale={width}:{height},format=gray[b]"
    graph = f"{one};{other};[a][b]ssim=shortest=1"
    # Some frames more than are compared: a graph without an end to its inputs would decode all of a film.
    until = f"{float((frames + shift + 10) / rate):.3f}"
    inputs = ["-t", until, "-i", reference, "-t", until, "-i", video]
    said = ffmpeg(*inputs, "-filter_complex", graph, "-f", "null", "-")
    return float(re.findall(r"SSIM .*All:([\d.]+)", said)[-1])


def signal(path: Path, *, frames: int = 10) -> dict[str, float]:
    """Means over the first frames of signalstats: YAVG and SATAVG on the 8-bit scale, YLOW and YHIGH (10 and 90 %)."""
    graph = "format=yuv420p,signalstats,metadata=print:file=-"
    said = ffmpeg("-i", path, "-map", "0:v:0", "-frames:v", frames, "-vf", graph, "-f", "null", "-")
    found: dict[str, list[float]] = {}
    for name, value in re.findall(r"lavfi\.signalstats\.(\w+)=([-\d.]+)", said):
        found.setdefault(name, []).append(float(value))
    return {name: sum(values) / len(values) for name, values in found.items()}


def interlaced_share(path: Path) -> float:
    """Share of frames that idet finds combed, 0..1; frames that it cannot judge do not count."""
    said = ffmpeg("-i", path, "-map", "0:v:0", "-vf", "idet", "-f", "null", "-")
    tff, bff, progressive = map(
        int, re.findall(r"Multi frame detection: TFF:\s*(\d+) BFF:\s*(\d+) Progressive:\s*(\d+)", said)[-1]
    )
    return (tff + bff) / max(1, tff + bff + progressive)


def silences(path: Path) -> list[tuple[float, float]]:
    """(start, end) in seconds of stretches of at least 0.2 s below -50 dB; the end of an open one is infinity."""
    said = ffmpeg("-i", path, "-map", "0:a:0", "-af", "silencedetect=noise=-50dB:d=0.2", "-f", "null", "-")
    starts = [float(value) for value in re.findall(r"silence_start: ([-\d.]+)", said)]
    ends = [float(value) for value in re.findall(r"silence_end: ([-\d.]+)", said)]
    return list(zip(starts, [*ends, float("inf")], strict=False))


def bright_from(path: Path) -> float | None:
    """Seconds of the first picture whose mean luma is above half; None when all are dark."""
    graph = "signalstats,metadata=print:file=-"
    said = ffmpeg("-i", path, "-map", "0:v:0", "-vf", graph, "-f", "null", "-")
    times = [float(value) for value in re.findall(r"pts_time:([-\d.]+)", said)]
    means = [float(value) for value in re.findall(r"signalstats\.YAVG=([-\d.]+)", said)]
    return next((at for at, mean in zip(times, means, strict=True) if mean > 128), None)


def decoded_frames(path: Path) -> int:
    """Pictures that a strict decoder gets out of the file; raises CalledProcessError at the first damage."""
    said = ffmpeg("-xerror", "-err_detect", "explode", "-i", path, "-map", "0:v:0", "-f", "framecrc", "-")
    return sum(1 for line in said.splitlines() if re.match(r"0,\s", line))


def turned_apart(values: Sequence[float]) -> float:
    """How far the first value is above the best of the others."""
    return values[0] - max(values[1:])
