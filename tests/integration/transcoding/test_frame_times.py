"""Our reading of a file's tables against ffprobe's reading of its packets."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from core.adapters.isobmff.boxes import MalformedMedia
from core.adapters.isobmff.frame_times import frame_counts, frame_times
from tests.fixtures.transcoding import run_ffmpeg

PICTURE = "testsrc2=size=64x48:rate=25:duration=3"
REORDERED = ["-c:v", "libx264", "-bf", "3", "-g", "25", "-pix_fmt", "yuv420p"]


@pytest.fixture(scope="module")
def reordered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With B-frames: decode order is not the order of showing, and an edit list hides the delay."""
    path = tmp_path_factory.mktemp("frames") / "reordered.mp4"
    run_ffmpeg("-f", "lavfi", "-i", PICTURE, *REORDERED, str(path))
    return path


def probed(path: Path) -> list[tuple[int, bool]]:
    asked = ["ffprobe", "-v", "error", "-show_entries", "packet=pts,flags", "-of", "csv=p=0", str(path)]
    lines = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()
    return [(int(pts), flags.startswith("K")) for pts, flags, *_ in (line.split(",") for line in lines)]


def test_reordered_frames_have_the_times_and_key_flags_that_ffprobe_reads(reordered: Path) -> None:
    found = list(frame_times(reordered))
    assert found == probed(reordered)
    assert [index for index, (_, key) in enumerate(found) if key] == [0, 25, 50]


def test_frames_without_reordering_are_all_key_frames_when_the_file_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "intra.mp4"
    run_ffmpeg("-f", "lavfi", "-i", PICTURE, "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", str(path))
    assert list(frame_times(path)) == probed(path)


def test_every_track_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "two.mp4"
    run_ffmpeg("-f", "lavfi", "-i", PICTURE, "-map", "0", "-map", "0", *REORDERED, "-frames:v:1", "10", str(path))
    assert frame_counts(path) == [75, 10]


def test_file_that_ends_too_early_is_malformed(reordered: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.mp4"
    run_ffmpeg("-i", str(reordered), "-c", "copy", "-movflags", "+faststart", str(cut))
    whole = cut.read_bytes()
    # The data box keeps its size in the header only; the last samples are gone.
    head = whole.index(b"mdat")
    size = int.from_bytes(whole[head - 4 : head], "big") - 100
    cut.write_bytes(whole[: head - 4] + size.to_bytes(4, "big") + whole[head:-100])
    with pytest.raises(MalformedMedia, match="past the file"):
        list(frame_times(cut))


def test_edit_list_that_skips_something_is_not_ours(reordered: Path, tmp_path: Path) -> None:
    edited = tmp_path / "edited.mp4"
    data = bytearray(reordered.read_bytes())
    table = data.index(b"elst") + 4
    data[table + 16 : table + 20] = (1 << 15).to_bytes(4, "big")  # half speed
    edited.write_bytes(data)
    with pytest.raises(MalformedMedia, match="edit list"):
        list(frame_times(edited))
