"""The use cases around the encodes: what is skipped, what is refused, what is stored."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from core.contracts import object_keys
from core.domain.errors import NotFound
from core.domain.failures import FailureCode, VideoRejected
from core.domain.media.facts import FrameRate
from core.domain.media.plan import AudioPlan, EncodingPlan, StoryboardPlan, SubtitlePlan, VideoPlan
from core.domain.progress import StepProgress
from core.services.media.assemble import AssemblyMismatch, assemble
from core.services.media.extract_subtitle import extract_subtitle
from core.services.media.make_storyboard import make_storyboard
from core.services.media.stored_plan import save_plan
from core.services.media.transcode_audio import transcode_audio
from core.services.media.transcode_chunk import transcode_chunk
from tests.fixtures.transcoding import (
    LEVELS,
    TARGET,
    Version,
    ignore,
    make_numbered_clip,
    make_plan,
    make_video_plan,
    numbers_in,
    run_ffmpeg,
)
from tests.integration.transcoding.conftest import MakeVersion

RATE = FrameRate(25)


@pytest.fixture
def plan() -> VideoPlan:
    return make_video_plan(RATE, 100, gop=25, chunk_gops=2)


@pytest.fixture
def version(tmp_path: Path, make_version: MakeVersion) -> Version:
    return make_version(make_numbered_clip(tmp_path / "clip.mp4", "-g", "50", seconds=4))


async def prepared(version: Version, plan: EncodingPlan) -> Version:
    await save_plan(version.storage, TARGET, plan)
    return version


async def test_a_stored_chunk_is_not_encoded_again(version: Version, plan: VideoPlan) -> None:
    await prepared(version, make_plan(plan))
    first = await transcode_chunk(version.tools, TARGET, 1, ignore)
    again = await transcode_chunk(version.tools, TARGET, 1, ignore)
    assert (first.frames, first.reused, again.reused, again.size) == (50, False, True, first.size)
    assert version.storage.writes.count(object_keys.chunk(TARGET, 1)) == 1
    stat = await version.storage.stat(object_keys.chunk(TARGET, 1))
    assert stat.sha256 is not None


async def test_progress_rises_and_names_the_chunk(version: Version, plan: VideoPlan) -> None:
    await prepared(version, make_plan(plan))
    readings: list[StepProgress] = []
    await transcode_chunk(version.tools, TARGET, 0, readings.append)
    fractions = [reading.fraction for reading in readings]
    assert fractions == sorted(fractions)
    assert fractions[-1] > 0.9


@pytest.mark.parametrize(("index", "code"), [(1, FailureCode.TRUNCATED), (0, None)])
async def test_a_source_that_ends_before_its_last_chunk_does_is_truncated(
    version: Version, index: int, code: FailureCode | None
) -> None:
    await prepared(version, make_plan(make_video_plan(RATE, 150, gop=25, chunk_gops=3)))
    if code is None:
        assert (await transcode_chunk(version.tools, TARGET, index, ignore)).frames == 75
        return
    with pytest.raises(VideoRejected) as refused:
        await transcode_chunk(version.tools, TARGET, index, ignore)
    assert refused.value.failure is code
    assert version.leftovers() == []


@pytest.mark.parametrize("index", [4, 7])
async def test_a_chunk_in_the_middle_without_its_frames_is_corrupt(version: Version, index: int) -> None:
    await prepared(version, make_plan(make_video_plan(RATE, 250, gop=25, chunk_gops=1)))
    with pytest.raises(VideoRejected) as refused:
        await transcode_chunk(version.tools, TARGET, index, ignore)
    assert refused.value.failure is FailureCode.CORRUPT


async def test_up_to_half_a_second_missing_at_the_end_is_filled_with_the_last_picture(version: Version) -> None:
    await prepared(version, make_plan(make_video_plan(RATE, 112, gop=25, chunk_gops=9)))
    assert (await transcode_chunk(version.tools, TARGET, 0, ignore)).frames == 112


@pytest.mark.parametrize("rate", ["25", "1/2"])
async def test_the_last_picture_is_held_over_chunks_that_the_source_does_not_reach(
    tmp_path: Path, make_version: MakeVersion, rate: str
) -> None:
    version = make_version(make_numbered_clip(tmp_path / "clip.mp4", "-g", "1", rate=rate, seconds=6))
    video = replace(make_video_plan(RATE, 400, gop=25, chunk_gops=4), held_frames=250)
    await version.transcode(make_plan(video))
    shown = numbers_in(version.mezzanine("large"))
    last = shown[149]
    assert len(set(shown[:150])) == (LEVELS if rate == "25" else 3)
    assert shown[150:] == [last] * 250


async def test_damage_on_the_way_is_counted_and_the_frames_stay_complete(
    tmp_path: Path, make_version: MakeVersion
) -> None:
    source = tmp_path / "damaged.mp4"
    picture = ["-f", "lavfi", "-i", "testsrc2=size=320x240:rate=25:duration=4"]
    run_ffmpeg(*picture, "-g", "12", "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(source))
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 9000] = bytes(9000)
    source.write_bytes(data)
    version = make_version(source)
    await prepared(version, make_plan(make_video_plan(RATE, 100, gop=25, chunk_gops=9)))
    done = await transcode_chunk(version.tools, TARGET, 0, ignore)
    assert done.frames == 100
    assert done.decode_errors > 0


async def test_assembly_refuses_chunks_of_another_encoder_setting(version: Version, plan: VideoPlan) -> None:
    await prepared(version, make_plan(plan))
    await transcode_chunk(version.tools, TARGET, 0, ignore)
    await prepared(version, make_plan(replace(plan, preset="slow")))
    await transcode_chunk(version.tools, TARGET, 1, ignore)
    with pytest.raises(AssemblyMismatch, match="parameter sets"):
        await assemble(version.tools, TARGET, ignore)


async def test_assembly_refuses_a_chunk_of_the_wrong_length(version: Version, plan: VideoPlan) -> None:
    await prepared(version, make_plan(plan))
    for chunk in plan.chunks:
        await transcode_chunk(version.tools, TARGET, chunk.index, ignore)
    longer = replace(plan, total_frames=101, chunks=(plan.chunks[0], replace(plan.chunks[1], frames=51)))
    await prepared(version, make_plan(longer))
    with pytest.raises(AssemblyMismatch, match="1 frames missing"):
        await assemble(version.tools, TARGET, ignore)
    assert version.leftovers() == []


async def test_assembly_makes_only_what_is_missing(version: Version, plan: VideoPlan) -> None:
    await version.transcode(make_plan(plan))
    key = object_keys.mezzanine(TARGET, "small.mp4")
    (version.storage.root / key).unlink()
    written = len(version.storage.writes)
    result = await assemble(version.tools, TARGET, ignore)
    assert version.storage.writes[written:] == [key]
    assert (result.frames, result.duration) == (100, 4.0)


async def test_a_cancelled_chunk_ends_within_a_second_and_leaves_nothing(
    tmp_path: Path, make_version: MakeVersion
) -> None:
    source = tmp_path / "long.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=20", "-preset", "ultrafast", str(source))
    version = make_version(source)
    slow = replace(make_video_plan(RATE, 500, gop=25, chunk_gops=99), preset="slow")
    large = tuple(replace(rung, width=1280, height=720) for rung in slow.renditions[-1:])
    await prepared(version, make_plan(replace(slow, renditions=large)))
    encoding = asyncio.Event()

    def report(reading: StepProgress) -> None:
        if reading.fps is not None:
            encoding.set()

    task = asyncio.create_task(transcode_chunk(version.tools, TARGET, 0, report))
    await asyncio.wait_for(encoding.wait(), 30)
    before = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - before < 1
    assert version.leftovers() == []
    assert object_keys.chunk(TARGET, 0) not in version.storage.writes


async def test_late_sound_is_preceded_by_silence(tmp_path: Path, make_version: MakeVersion) -> None:
    source = tmp_path / "late.mkv"
    picture, tone = "testsrc2=size=64x48:rate=25:duration=3", "sine=frequency=440:duration=2:sample_rate=44100"
    inputs = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-itsoffset", "1", "-i", tone]
    run_ffmpeg(*inputs, "-map", "0", "-map", "1", "-c:a", "aac", str(source))
    version = make_version(source)
    audio = AudioPlan(1, "audio-0-und", "und", "Track 1", 2, 128_000, 3.0, default=True)
    await prepared(version, replace(make_plan(None), duration=3.0, audio=(audio,)))
    done = await transcode_audio(version.tools, TARGET, "audio-0-und", ignore)
    assert done.duration == pytest.approx(3.0, abs=0.05)
    made = version.mezzanine("audio-0-und")
    silence = ["ffmpeg", "-v", "info", "-i", str(made), "-af", "silencedetect=n=-50dB:d=0.5", "-f", "null", "-"]
    listened = await asyncio.to_thread(subprocess.run, silence, check=True, capture_output=True, text=True)
    said = listened.stderr
    assert float(re.findall(r"silence_end: ([\d.]+)", said)[0]) == pytest.approx(1.0, abs=0.06)
    assert "48000 Hz, stereo" in said
    assert (await transcode_audio(version.tools, TARGET, "audio-0-und", ignore)).reused


async def test_sound_that_ends_before_the_picture_is_followed_by_silence(
    tmp_path: Path, make_version: MakeVersion
) -> None:
    source = tmp_path / "early.wav"
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=2", str(source))
    version = make_version(source)
    audio = AudioPlan(0, "audio-0-und", "und", "Track 1", 1, 80_000, 2.0, silence=7.0)
    await prepared(version, replace(make_plan(None), duration=9.0, audio=(audio,)))
    done = await transcode_audio(version.tools, TARGET, "audio-0-und", ignore)
    assert done.duration == pytest.approx(9.0, abs=0.05)


async def test_silence_does_not_hide_that_the_sound_does_not_decode(tmp_path: Path, make_version: MakeVersion) -> None:
    source = tmp_path / "short.wav"
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=2", str(source))
    version = make_version(source)
    audio = AudioPlan(0, "audio-0-und", "und", "Track 1", 1, 80_000, 10.0, silence=10.0)
    await prepared(version, replace(make_plan(None), duration=20.0, audio=(audio,)))
    with pytest.raises(VideoRejected):
        await transcode_audio(version.tools, TARGET, "audio-0-und", ignore)


async def test_audio_that_is_not_there_is_refused(version: Version) -> None:
    missing = AudioPlan(0, "audio-0-und", "und", "Track 1", 2, 128_000, 60.0)
    await prepared(version, replace(make_plan(None), audio=(missing,)))
    with pytest.raises(NotFound):
        await transcode_audio(version.tools, TARGET, "audio-1-xx", ignore)


async def test_audio_much_shorter_than_planned_is_refused(tmp_path: Path, make_version: MakeVersion) -> None:
    source = tmp_path / "short.wav"
    run_ffmpeg("-f", "lavfi", "-i", "sine=duration=2", str(source))
    version = make_version(source)
    audio = AudioPlan(0, "audio-0-und", "und", "Track 1", 1, 80_000, 10.0)
    await prepared(version, replace(make_plan(None), audio=(audio,)))
    with pytest.raises(VideoRejected) as refused:
        await transcode_audio(version.tools, TARGET, "audio-0-und", ignore)
    assert refused.value.failure is FailureCode.CORRUPT


async def test_text_tracks_become_webvtt_timed_like_the_video(tmp_path: Path, make_version: MakeVersion) -> None:
    text = tmp_path / "text.srt"
    spoken = "\u0645\u0631\u062d\u0628\u0627 <b>\u4f60\u597d</b> & more"
    text.write_text(f"1\n00:00:01,500 --> 00:00:02,500\n{spoken}\n", encoding="utf-8")
    source = tmp_path / "titled.mkv"
    picture = "testsrc2=size=64x48:rate=25:duration=3"
    run_ffmpeg("-f", "lavfi", "-i", picture, "-i", str(text), "-map", "0", "-map", "1", "-c:s", "srt", str(source))
    version = make_version(source)
    subtitle = SubtitlePlan(1, "subtitle-0-ar", "ar", "Arabic")
    await prepared(version, replace(make_plan(None), duration=3.0, subtitles=(subtitle,)))
    await extract_subtitle(version.tools, TARGET, "subtitle-0-ar", ignore)
    cues = (version.storage.root / object_keys.mezzanine(TARGET, "subtitle-0-ar.vtt")).read_text(encoding="utf-8")
    assert cues.startswith("WEBVTT")
    assert "00:00:01.500 --> 00:00:02.500" in cues
    assert spoken.replace("&", "&amp;") in cues


async def test_storyboard_and_posters_are_published_with_the_cues_last(version: Version, plan: VideoPlan) -> None:
    board = StoryboardPlan(1.0, 32, 24, 2, 1, 4)
    encoding = replace(make_plan(plan), storyboard=board)
    await version.transcode(encoding)
    await make_storyboard(version.tools, TARGET, ignore)
    folder = object_keys.published_prefix(TARGET) + "thumbnails/"
    pictures = [key.removeprefix(folder) for key in version.storage.writes if key.startswith(folder)]
    assert sorted(pictures[:-1]) == ["poster-480.jpg", "poster.jpg", "sprite-0.jpg", "sprite-1.jpg"]
    assert pictures[-1] == "storyboard.vtt"
    # Tiles show frames 0, 25, 50, 75, whose levels say so.
    levels = [level for name in ("sprite-0.jpg", "sprite-1.jpg") for level in _tiles(version, folder + name)]
    assert [round((level * 219 / 255) / 8) for level in levels] == [0, 25, 50 % 27, 75 % 27]
    written = len(version.storage.writes)
    await make_storyboard(version.tools, TARGET, ignore)
    assert len(version.storage.writes) == written


def _tiles(version: Version, key: str) -> bytes:
    scale = ["-vf", "scale=2:1:flags=area", "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    command = ["ffmpeg", "-v", "error", "-f", "mjpeg", "-i", str(version.storage.root / key), *scale]
    return subprocess.run(command, check=True, capture_output=True).stdout


async def test_a_disguised_playlist_is_never_opened(tmp_path: Path, make_version: MakeVersion) -> None:
    other = tmp_path / "other.mp4"
    shutil.copy(make_numbered_clip(tmp_path / "secret.mp4", seconds=1), other)
    source = tmp_path / "playlist.mp4"
    source.write_text(f"ffconcat version 1.0\nfile {other}\n")
    version = make_version(source)
    await prepared(version, make_plan(make_video_plan(RATE, 25, gop=25, chunk_gops=1)))
    with pytest.raises(VideoRejected) as refused:
        await transcode_chunk(version.tools, TARGET, 0, ignore)
    assert refused.value.failure is FailureCode.NOT_A_VIDEO
