"""The clip that is measured: nearly a minute of 1080p, made once and kept below the bench's own directory."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from math import ceil
from pathlib import Path

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "media" / "valid" / "bbb_1080p24_5.1_27s.mp4"
SAMPLE = ROOT / "samples" / "big-buck-bunny-20s.mkv"
SECONDS = 54

#: Grain as film has it: without it, an enlarged picture is easier to encode than any real one.
_ENLARGED = "scale=1920:1080:flags=lanczos,setsar=1,noise=alls=6:allf=t,format=yuv420p"
_CODING = {
    "film": ["-c", "copy"],
    "sample": [
        "-vf",
        _ENLARGED,
        "-c:v",
        "libx264",
        "-preset",
        "superfast",
        "-b:v",
        "8M",
        "-maxrate",
        "12M",
        "-bufsize",
        "16M",
    ],
}


class ClipFailed(Exception):
    """ffmpeg could not make the clip."""


async def default_clip(cache: Path) -> Path:
    """A 1080p film clip repeated without encoding where it is at hand, else one made from the demo's sample."""
    kind = "film" if SHARED.is_file() else "sample"
    clip = cache / f"{kind}-1080p-{SECONDS}s.mp4"
    if not clip.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(_make, kind, clip)
    return clip


def _make(kind: str, clip: Path) -> None:
    source = SHARED if kind == "film" else SAMPLE
    with tempfile.TemporaryDirectory(dir=clip.parent) as folder:
        picture, script, made = (
            Path(folder) / "picture.mkv",
            Path(folder) / "repeat.ffconcat",
            Path(folder) / "clip.mp4",
        )
        # The picture alone: a container's beginning and end are those of its longest track, which is often the sound.
        _run(["-i", str(source), "-map", "0:v:0", *_CODING[kind], str(picture)])
        seconds = _picture_seconds(picture)
        repeats = ceil(SECONDS / seconds)
        script.write_text("ffconcat version 1.0\n" + f"file picture.mkv\nduration {seconds:.6f}\n" * repeats)
        inputs = ["-f", "concat", "-i", str(script), "-stream_loop", str(repeats - 1), "-i", str(source)]
        _run(
            [
                *inputs,
                "-map",
                "0:v:0",
                "-map",
                "1:a:0",
                "-t",
                str(SECONDS),
                "-c",
                "copy",
                "-map_chapters",
                "-1",
                str(made),
            ]
        )
        made.rename(clip)


def _run(arguments: Sequence[str]) -> None:
    argv = ["ffmpeg", "-nostdin", "-y", "-v", "error", *arguments]
    done = subprocess.run(argv, capture_output=True, check=False)
    if done.returncode:
        raise ClipFailed(done.stderr.decode(errors="replace")[-1500:])


def _picture_seconds(source: Path) -> float:
    """The end of the last picture; Matroska tells no length of a single track."""
    entries = ["-select_streams", "v:0", "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0"]
    listed = subprocess.run(["ffprobe", "-v", "error", *entries, str(source)], capture_output=True, check=True)
    fields = (line.split(",") for line in listed.stdout.decode().splitlines() if line)
    return max(float(at) + float(length) for at, length, *_ in fields)


def require_tools() -> None:
    """Raises ClipFailed when ffmpeg is not installed."""
    missing = [tool for tool in ("ffmpeg", "ffprobe") if shutil.which(tool) is None]
    if missing:
        raise ClipFailed(f"{' and '.join(missing)} not found: apt-get install --no-install-recommends ffmpeg")
