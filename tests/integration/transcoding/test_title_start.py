"""A title starts with its first picture, though encoders and containers put a little sound before it."""

from __future__ import annotations

import asyncio
import subprocess
from array import array
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.adapters.clamd import NoAntivirus
from core.domain.media.plan import EncodingPlan, ProtectionScheme
from core.domain.media.planner import plan_encoding
from core.domain.media.policy import IngestLimits
from core.services.media.inspect_source import inspect_source
from core.services.media.stored_plan import load_facts
from core.services.media.transcode_audio import transcode_audio
from tests.fixtures.transcoding import (
    LEVELS,
    TARGET,
    Version,
    ignore,
    make_numbered_clip,
    make_video_plan,
    numbers_in,
    run_ffmpeg,
)
from tests.integration.transcoding.conftest import MakeVersion

SECONDS = 4
#: When the tone starts, with the picture that is shown then.
TONE = 2
REORDERED = ("-bf", "3", "-preset", "ultrafast", "-g", "25")


@dataclass(frozen=True)
class Case:
    """A source with reordered frames and sound. `frames` is how many it has."""

    file: str
    rate: str
    frames: int
    options: tuple[str, ...] = ()


CASES = [
    Case("a.mkv", "24", 96),
    Case("a.mkv", "60", 240),
    Case("a.ts", "25", 100),
    Case("a.flv", "30000/1001", 120),
    # Without an edit list the picture comes two frames late, and the sound after its priming with it.
    Case("a.mp4", "25", 100, ("-movflags", "frag_keyframe+empty_moov")),
    Case("a.mp4", "24", 96),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}, {case.rate}, {' '.join(case.options)}")
async def test_first_picture_is_shown_once_and_sound_stays_with_it(
    case: Case, tmp_path: Path, make_version: MakeVersion
) -> None:
    source = await asyncio.to_thread(make_sounding_clip, tmp_path / case.file, case)
    version = make_version(source)
    plan = await planned(version)
    assert plan.video is not None
    # Four seconds are one group of pictures, so one segment: none of a single frame after it.
    assert plan.video.total_frames == plan.video.gop_frames == case.frames
    counted = [frame % LEVELS for frame in range(case.frames)]
    await version.transcode(plan)
    assert numbers_in(version.mezzanine(plan.video.renditions[0].name)) == counted
    chunked = Version.create(tmp_path / "chunked", version.tools.runner.sandbox, source)
    await chunked.transcode(in_chunks(plan, exact_seek=(await load_facts(version.storage, TARGET)).exact_seek))
    assert numbers_in(chunked.mezzanine(plan.video.renditions[0].name)) == counted
    await transcode_audio(version.tools, TARGET, plan.audio[0].name, ignore)
    assert first_loud(version.mezzanine(plan.audio[0].name)) == pytest.approx(TONE, abs=0.005)


async def test_picture_of_a_transport_stream_that_starts_late_stays_late(
    tmp_path: Path, make_version: MakeVersion
) -> None:
    source, clip = tmp_path / "late.ts", make_numbered_clip(tmp_path / "clip.mp4", *REORDERED, seconds=2)
    tone = ["-f", "lavfi", "-i", "sine=duration=3"]
    run_ffmpeg(*tone, "-itsoffset", "0.5", "-i", str(clip), "-map", "0", "-map", "1", "-c:v", "copy", str(source))
    version = make_version(source)
    plan = in_chunks(await planned(version), exact_seek=False)
    video = (await load_facts(version.storage, TARGET)).video
    await version.transcode(plan)
    assert plan.video is not None
    assert video is not None
    held = plan.video.frame_rate.frames(video.start)
    assert held >= 12
    shown = numbers_in(version.mezzanine(plan.video.renditions[0].name))
    assert shown[: held + 5] == [0] * held + [0, 1, 2, 3, 4]


def make_sounding_clip(path: Path, case: Case) -> Path:
    clip = make_numbered_clip(path.with_name("clip.mkv"), *REORDERED, rate=case.rate, seconds=SECONDS)
    tone = f"aevalsrc='if(gte(t,{TONE}),0.5*sin(2*PI*1000*t),0)':s=44100:d={SECONDS}"
    encoders = ["-c:v", "libx264", "-crf", "5", *REORDERED, "-c:a", "aac", "-b:a", "128k"]
    run_ffmpeg("-i", str(clip), "-f", "lavfi", "-i", tone, *encoders, *case.options, str(path))
    return path


async def planned(version: Version) -> EncodingPlan:
    """As the product plans it, from what it finds in the file."""
    await inspect_source(version.tools, TARGET, IngestLimits(), NoAntivirus(), ignore)
    return plan_encoding(await load_facts(version.storage, TARGET), ProtectionScheme.CBCS, "ultrafast")


def in_chunks(plan: EncodingPlan, *, exact_seek: bool) -> EncodingPlan:
    """The same in chunks of 40 frames, each a group of pictures; longer sources are cut only every 24 seconds."""
    assert plan.video is not None
    chunks = make_video_plan(plan.video.frame_rate, plan.video.total_frames, gop=40, chunk_gops=1).chunks
    return replace(plan, video=replace(plan.video, gop_frames=40, chunks=chunks), index_source=not exact_seek)


def first_loud(path: Path) -> float:
    """Seconds of the first sample above a fifth of full scale."""
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-ac", "1", "-ar", "48000", "-f", "s16le", "-"]
    samples = array("h", subprocess.run(command, check=True, capture_output=True).stdout)
    return next(index for index, sample in enumerate(samples) if abs(sample) > 32768 / 5) / 48000
