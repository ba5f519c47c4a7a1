"""The sample table as ffprobe reads it, on files whose tables differ in kind."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from core.adapters.isobmff.boxes import MalformedMedia
from core.adapters.isobmff.init_segment import read_init_segment
from core.adapters.isobmff.sample_table import read_samples, sample_count

VIDEO = ("-f", "lavfi", "-i", "testsrc2=size=128x72:rate=24:duration=3", "-c:v", "libx264", "-preset", "veryfast")
AUDIO = ("-f", "lavfi", "-i", "sine=duration=3:sample_rate=48000", "-c:a", "aac")
PCM = ("-f", "lavfi", "-i", "sine=duration=0.2:sample_rate=8000", "-c:a", "pcm_s16le", "-f", "mov")


def make(path: Path, *arguments: str) -> Path:
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments, str(path)], check=True)
    return path


def packets(path: Path) -> list[tuple[int, int, int, int]]:
    command = ["ffprobe", "-v", "error", "-show_packets", "-of", "json", "-ignore_editlist", "1", str(path)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["packets"]
    return [(int(p["pos"]), int(p["size"]), int(p["dts"]), int(p["pts"])) for p in found]


@pytest.mark.parametrize(
    "arguments",
    [
        VIDEO,
        (*VIDEO, "-bf", "0"),
        (*VIDEO, "-movflags", "+faststart"),
        (*VIDEO, "-movflags", "+negative_cts_offsets"),
        AUDIO,
    ],
    ids=["b_frames", "no_b_frames", "moov_first", "negative_shifts", "audio"],
)
def test_samples_are_where_and_when_ffprobe_says(tmp_path, arguments):
    path = make(tmp_path / "clip.mp4", *arguments)
    data = path.read_bytes()
    expected = packets(path)
    shift = expected[0][2]  # ffprobe moves decode times below zero where composition shifts are negative
    found = [(s.offset, s.size, s.decode_time + shift, s.composition_time) for s in read_samples(data)]
    assert found == expected
    assert sample_count(data) == len(found) >= 70


def test_samples_of_one_fixed_size_lie_behind_each_other(tmp_path):
    data = make(tmp_path / "pcm.mov", *PCM).read_bytes()
    found = list(read_samples(data))
    assert len(found) == 1600
    assert {sample.size for sample in found} == {2}
    assert b"".join(data[s.offset : s.offset + s.size] for s in found) in data


def test_two_tracks_are_refused(tmp_path):
    data = make(tmp_path / "both.mp4", *VIDEO[:4], *AUDIO[:4], "-c:v", "libx264", "-c:a", "aac").read_bytes()
    with pytest.raises(MalformedMedia, match="one track"):
        list(read_samples(data))
    with pytest.raises(MalformedMedia, match="one track"):
        read_init_segment(data)


def test_the_edit_list_tells_where_showing_begins(tmp_path):
    data = make(tmp_path / "clip.mp4", *AUDIO).read_bytes()
    init = read_init_segment(data)
    assert (init.handler, init.timescale, init.edit_start) == ("soun", 48000, 1024)
    assert init.entries[0].configuration[:2] == bytes.fromhex("1188")


def test_a_table_longer_than_the_file_is_refused(tmp_path):
    data = bytearray(make(tmp_path / "clip.mp4", *VIDEO).read_bytes())
    at = data.index(b"stsz") + 12
    data[at : at + 4] = b"\x7f\xff\xff\xff"
    with pytest.raises(MalformedMedia):
        list(read_samples(bytes(data)))
