"""What the picture looks like: upright, in the right size, range and colour, whatever the source was."""

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.media.facts import FrameRate
from core.domain.media.plan import KeyLabel, Rendition, VideoPlan
from tests.fixtures.transcoding import make_plan, make_video_plan, run_ffmpeg
from tests.integration.transcoding.conftest import MakeVersion

LANDSCAPE = Rendition("top", 64, 48, 400_000, KeyLabel.SD, crf=5)
PORTRAIT = Rendition("top", 48, 64, 400_000, KeyLabel.SD, crf=5)
#: A dark picture whose left half is white.
HALVES = "color=black:size=64x48:rate=25:duration=1,drawbox=0:0:32:48:white:fill"


def encode(make_version: MakeVersion, source: Path, plan: VideoPlan) -> Path:
    version = make_version(source)
    asyncio.run(version.transcode(make_plan(plan)))
    return version.mezzanine(plan.renditions[-1].name)


def one_second(rendition: Rendition, frames: int = 25) -> VideoPlan:
    return make_video_plan(FrameRate(25), frames, gop=25, chunk_gops=9, rungs=[rendition])


def corners(path: Path) -> list[bool]:
    """Is it bright at top left, top right, bottom left, bottom right of the first picture?"""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-frames:v", "1", "-vf", "scale=2:2:flags=area"]
    done = subprocess.run([*command, "-pix_fmt", "gray", "-f", "rawvideo", "-"], check=True, capture_output=True)
    return [value > 128 for value in done.stdout]


def luma(path: Path) -> float:
    """Mean luma code value, untouched by any conversion."""
    command = ["ffmpeg", "-v", "info", "-i", str(path), "-vf", "signalstats,metadata=print:key=lavfi.signalstats.YAVG"]
    done = subprocess.run([*command, "-f", "null", "-"], check=True, capture_output=True, text=True)
    values = [float(line.rsplit("=", 1)[1]) for line in done.stderr.splitlines() if "YAVG" in line]
    return sum(values) / len(values)


def stream(path: Path, entries: str) -> list[str]:
    command = ["ffprobe", "-v", "error", "-select_streams", "v:0", "-show_entries", f"stream={entries}"]
    done = subprocess.run([*command, "-of", "csv=p=0", str(path)], check=True, capture_output=True, text=True)
    return done.stdout.strip().split(",")


@pytest.mark.parametrize(
    ("rotation", "rendition", "bright"),
    [
        (0, LANDSCAPE, [True, False, True, False]),
        (90, PORTRAIT, [True, True, False, False]),
        (180, LANDSCAPE, [False, True, False, True]),
        (270, PORTRAIT, [False, False, True, True]),
    ],
)
def test_the_picture_is_turned_clockwise_once_and_players_need_not_turn_it(
    tmp_path: Path, make_version: MakeVersion, rotation: int, rendition: Rendition, bright: list[bool]
) -> None:
    plain = tmp_path / "plain.mp4"
    source = tmp_path / "turned.mp4"
    run_ffmpeg("-f", "lavfi", "-i", HALVES, "-pix_fmt", "yuv420p", str(plain))
    # `rotate` counts anticlockwise when ffmpeg 5.1 writes it into the display matrix.
    run_ffmpeg("-i", str(plain), "-c", "copy", "-metadata:s:v:0", f"rotate={rotation}", str(source))
    made = encode(make_version, source, replace(one_second(rendition), rotation=rotation))
    assert stream(made, "width,height") == [str(rendition.width), str(rendition.height)]
    assert corners(made) == bright
    asked = ["ffprobe", "-v", "error", "-show_entries", "stream_side_data=rotation", "-of", "csv=p=0", str(made)]
    assert subprocess.run(asked, check=True, capture_output=True).stdout.strip() in {b"", b"0"}


def test_full_range_white_becomes_limited_range_white(tmp_path: Path, make_version: MakeVersion) -> None:
    source = tmp_path / "full.mp4"
    white = ["-f", "lavfi", "-i", "color=white:size=64x48:rate=25:duration=1"]
    run_ffmpeg(*white, "-vf", "scale=out_range=full", "-pix_fmt", "yuvj420p", "-color_range", "pc", str(source))
    assert luma(source) > 250
    made = encode(make_version, source, replace(one_second(LANDSCAPE), full_range=True))
    assert luma(made) == pytest.approx(235, abs=1.5)
    assert stream(made, "color_range") == ["tv"]


def test_rgb_white_becomes_limited_range_white(tmp_path: Path, make_version: MakeVersion) -> None:
    source = tmp_path / "white.mkv"
    white = "color=white:size=64x48:rate=25:duration=1,format=gbrp"
    run_ffmpeg("-f", "lavfi", "-i", white, "-c:v", "ffv1", str(source))
    assert luma(encode(make_version, source, one_second(LANDSCAPE))) == pytest.approx(235, abs=1.5)


@pytest.mark.parametrize(("transfer", "low", "high"), [("smpte2084", 60, 235), ("arib-std-b67", 60, 235)])
def test_hdr_becomes_tagged_sdr_of_ordinary_brightness(
    tmp_path: Path, make_version: MakeVersion, transfer: str, low: float, high: float
) -> None:
    """Half of the code range is about 92 cd/m2 in PQ: a bright, unclipped grey in SDR."""
    source = tmp_path / "hdr.mkv"
    grey = "color=gray:size=64x48:rate=25:duration=1,format=yuv420p10le"
    tags = ["-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc"]
    run_ffmpeg("-f", "lavfi", "-i", grey, "-c:v", "libx265", "-x265-params", "log-level=none", *tags, str(source))
    plan = replace(one_second(LANDSCAPE), tone_map=True, color_transfer=transfer)
    made = encode(make_version, source, plan)
    assert low < luma(made) < high
    assert stream(made, "pix_fmt,color_space,color_transfer,color_primaries") == ["yuv420p", "bt709", "bt709", "bt709"]


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_that_names_only_its_transfer_is_taken_for_bt2020(
    tmp_path: Path, make_version: MakeVersion, transfer: str
) -> None:
    source = tmp_path / "hdr.mkv"
    grey = "color=gray:size=64x48:rate=25:duration=1,format=yuv420p10le"
    only = f"log-level=none:transfer={transfer}"
    run_ffmpeg("-f", "lavfi", "-i", grey, "-c:v", "libx265", "-x265-params", only, str(source))
    made = encode(make_version, source, replace(one_second(LANDSCAPE), tone_map=True, color_transfer=transfer))
    assert 60 < luma(made) < 235
    assert stream(made, "color_space,color_transfer,color_primaries") == ["bt709", "bt709", "bt709"]


def test_interlaced_fields_are_woven_into_whole_pictures(tmp_path: Path, make_version: MakeVersion) -> None:
    source = tmp_path / "interlaced.ts"
    moving = "testsrc2=size=128x96:rate=50:duration=1"
    fields = ["-vf", "interlace=tff", "-c:v", "mpeg2video", "-q:v", "2", "-flags", "+ilme+ildct"]
    run_ffmpeg("-f", "lavfi", "-i", moving, *fields, str(source))
    rendition = replace(LANDSCAPE, width=128, height=96)
    made = encode(make_version, source, replace(one_second(rendition), deinterlace=True))
    progressive = ["ffmpeg", "-v", "info", "-i", str(made), "-vf", "idet", "-f", "null", "-"]
    said = subprocess.run(progressive, check=True, capture_output=True, text=True).stderr
    counts = next(line for line in said.splitlines() if "Multi frame detection" in line)
    found = {word.split(":")[0]: int(value) for word, value in _pairs(counts)}
    assert found["Progressive"] > found["TFF"] + found["BFF"]


def _pairs(line: str) -> list[tuple[str, str]]:
    words = line.split("detection:")[1].replace(":", ": ").split()
    return list(zip(words[::2], words[1::2], strict=True))


@pytest.mark.parametrize(
    ("size", "pixels", "rendition"),
    [
        ("319x241", "yuv444p", Rendition("top", 318, 240, 400_000, KeyLabel.SD)),
        ("427x239", "yuv420p", Rendition("top", 426, 238, 400_000, KeyLabel.SD)),
        ("2x2", "yuv420p", Rendition("top", 2, 2, 64_000, KeyLabel.SD)),
    ],
)
def test_odd_and_tiny_sizes_come_out_even_with_square_pixels(
    tmp_path: Path, make_version: MakeVersion, size: str, pixels: str, rendition: Rendition
) -> None:
    source = tmp_path / "odd.mkv"
    picture = f"testsrc2=size={size}:rate=25:duration=1,format={pixels}"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-c:v", "ffv1", str(source))
    made = encode(make_version, source, one_second(rendition))
    expected = [str(rendition.width), str(rendition.height), "1:1", "yuv420p"]
    assert stream(made, "width,height,sample_aspect_ratio,pix_fmt") == expected


def test_a_video_of_one_frame_stays_one_frame(tmp_path: Path, make_version: MakeVersion) -> None:
    source = tmp_path / "one.mp4"
    run_ffmpeg("-f", "lavfi", "-i", HALVES, "-frames:v", "1", "-pix_fmt", "yuv420p", str(source))
    made = encode(make_version, source, one_second(LANDSCAPE, frames=1))
    assert stream(made, "nb_frames") == ["1"]
