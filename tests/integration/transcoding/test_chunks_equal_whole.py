"""Chunked output shows, frame by frame, what the source shows on the output grid, however the source is built."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.domain.media.facts import FrameRate
from tests.fixtures.transcoding import (
    Version,
    expected_numbers,
    key_frame_times,
    make_numbered_clip,
    make_plan,
    make_video_plan,
    numbers_in,
    run_ffmpeg,
    whole,
)
from tests.integration.transcoding.conftest import MakeVersion

_VARIABLE = ["-vf", "select='lt(random(1),0.6)'", "-fps_mode", "vfr"]


@dataclass(frozen=True)
class Case:
    """A source of rate `source_rate`, built with `options`, put on a grid of `rate`."""

    name: str
    file: str
    source_rate: str
    rate: FrameRate
    options: tuple[str, ...]
    seconds: float = 4
    index: bool = False


CASES = [
    Case(
        "film rate, B-frames, one key frame", "a.mp4", "24000/1001", FrameRate(24000, 1001), ("-bf", "3", "-g", "999")
    ),
    Case("24", "a.mp4", "24", FrameRate(24), ("-bf", "8", "-g", "24", "-x264-params", "b-pyramid=normal")),
    Case("25, open GOP", "a.mp4", "25", FrameRate(25), ("-bf", "8", "-g", "30", "-x264-params", "open-gop=1")),
    Case("NTSC in Matroska", "a.mkv", "30000/1001", FrameRate(30000, 1001), ("-bf", "2", "-g", "45")),
    Case("60", "a.mp4", "60", FrameRate(60), ("-g", "60")),
    Case("60 to 30", "a.mp4", "60", FrameRate(30), ("-g", "77")),
    Case("variable to 30", "a.mp4", "60", FrameRate(30), (*_VARIABLE, "-g", "50")),
    Case("variable to 25 in Matroska", "a.mkv", "60", FrameRate(25), (*_VARIABLE, "-g", "50")),
    Case("10 to 25", "a.mp4", "10", FrameRate(25), ("-bf", "3", "-g", "20")),
    Case("transport stream, indexed first", "a.ts", "25", FrameRate(25), ("-bf", "3", "-g", "40"), index=True),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_cut_into_chunks_every_frame_is_the_one_the_source_shows(
    case: Case, tmp_path: Path, make_version: MakeVersion
) -> None:
    source = make_numbered_clip(tmp_path / case.file, *case.options, rate=case.source_rate, seconds=case.seconds)
    total = case.rate.frames(case.seconds) - 3
    plan = make_video_plan(case.rate, total, gop=round(case.rate.value), chunk_gops=1)
    version = make_version(source)
    asyncio.run(version.transcode(make_plan(plan, index=case.index)))
    for rung in plan.renditions:
        assert numbers_in(version.mezzanine(rung.name)) == expected_numbers(source, case.rate, total)
    assert version.leftovers() == []


def test_indexed_avi_in_chunks_is_what_it_is_in_one_piece(tmp_path: Path, make_version: MakeVersion) -> None:
    """AVI has no times of presentation: what ffmpeg makes of it may be a frame late, but everywhere the same."""
    options = ("-c:v", "mpeg4", "-bf", "2", "-q:v", "2", "-g", "40")
    chunked = make_version(make_numbered_clip(tmp_path / "a.avi", *options, seconds=4))
    plan = make_video_plan(FrameRate(25), 98, gop=25, chunk_gops=1)
    asyncio.run(chunked.transcode(make_plan(plan, index=True)))
    direct = Version.create(tmp_path / "direct", chunked.tools.runner.sandbox, tmp_path / "a.avi")
    asyncio.run(direct.transcode(make_plan(whole(plan))))
    shown = numbers_in(chunked.mezzanine("large"))
    assert shown == numbers_in(direct.mezzanine("large"))
    assert shown[2:] == [n % 27 for n in range(1, 97)]


def test_with_an_edit_list_the_cut_follows_what_players_show(tmp_path: Path, make_version: MakeVersion) -> None:
    long = make_numbered_clip(tmp_path / "long.mp4", "-bf", "3", "-g", "200", seconds=9)
    source = tmp_path / "source.mp4"
    run_ffmpeg("-ss", "2.5", "-i", str(long), "-c", "copy", str(source))
    rate, total = FrameRate(25), 150
    version = make_version(source)
    asyncio.run(version.transcode(make_plan(make_video_plan(rate, total, gop=25, chunk_gops=2))))
    shown = numbers_in(version.mezzanine("large"))
    # 2.5 s lie between frames 62 and 63; ffmpeg's copy starts at the first one that is shown after the cut.
    steps = {(after - before) % 27 for before, after in itertools.pairwise(shown)}
    assert steps == {1}
    assert shown[0] in {62 % 27, 63 % 27}


def test_one_chunk_and_many_give_the_same_pictures_times_and_key_frames(
    tmp_path: Path, make_version: MakeVersion
) -> None:
    source = make_numbered_clip(tmp_path / "a.mp4", "-bf", "3", "-g", "999", rate="24000/1001", seconds=8)
    plan = make_video_plan(FrameRate(24000, 1001), 190, gop=48, chunk_gops=1)
    chunked = make_version(source)
    asyncio.run(chunked.transcode(make_plan(plan)))
    single = Version.create(tmp_path / "single", chunked.tools.runner.sandbox, source)
    asyncio.run(single.transcode(make_plan(whole(plan))))
    for rung in plan.renditions:
        assert numbers_in(chunked.mezzanine(rung.name)) == numbers_in(single.mezzanine(rung.name))
        keys = key_frame_times(chunked.mezzanine(rung.name))
        assert keys == key_frame_times(single.mezzanine(rung.name))
        assert keys == pytest.approx([0, 2.002, 4.004, 6.006], abs=1e-6)


def test_video_that_starts_late_shows_its_first_picture_until_then(tmp_path: Path, make_version: MakeVersion) -> None:
    clip = make_numbered_clip(tmp_path / "clip.mp4", "-g", "25", seconds=4)
    source = tmp_path / "late.mkv"
    tone = ["-f", "lavfi", "-i", "sine=duration=5"]
    run_ffmpeg("-itsoffset", "1", "-i", str(clip), *tone, "-map", "0:v", "-map", "1:a", "-c:v", "copy", str(source))
    version = make_version(source)
    asyncio.run(version.transcode(make_plan(make_video_plan(FrameRate(25), 120, gop=25, chunk_gops=1))))
    assert numbers_in(version.mezzanine("small")) == [0] * 25 + [n % 27 for n in range(95)]


def test_the_source_may_change_its_size_on_the_way(tmp_path: Path, make_version: MakeVersion) -> None:
    first = make_numbered_clip(tmp_path / "1.ts", "-g", "25", seconds=2)
    second = make_numbered_clip(tmp_path / "2.ts", "-g", "25", seconds=2, size="96x80")
    source = tmp_path / "both.ts"
    run_ffmpeg("-i", f"concat:{first}|{second}", "-c", "copy", str(source))
    version = make_version(source)
    plan = make_video_plan(FrameRate(25), 98, gop=25, chunk_gops=9)
    asyncio.run(version.transcode(make_plan(plan)))
    shown = numbers_in(version.mezzanine("large"))
    assert len(shown) == 98
    assert shown[:50] == [n % 27 for n in range(50)]
    assert shown[55:75] == list(range(shown[55], shown[55] + 20))
