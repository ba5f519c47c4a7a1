"""Every file of the shared media set ends as its manifest says."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from core.contracts.version_ref import VersionRef
from core.domain.failures import VideoRejected
from core.domain.media.plan import EncodingPlan, ProtectionScheme
from core.domain.media.planner import plan_encoding
from core.services.media.stored_plan import load_facts
from core.services.media.tools import MediaTools
from tests.fixtures.directory_storage import DirectoryStorage
from tests.integration.inspection.conftest import Inspect
from tests.integration.inspection.expectations import BROKEN, VALID, Accept, Expectation

MEDIA = Path(__file__).resolve().parents[4] / "shared" / "media"
ALL = {f"valid/{name}": expected for name, expected in VALID.items()} | {
    f"broken/{name}": expected for name, expected in BROKEN.items()
}
#: The slowest honest file (8K HEVC) takes a few seconds; a hostile one must not take longer.
MOST_SECONDS = 30
FULL = os.environ.get("SEALCAST_CAMPAIGN") == "full"

pytestmark = pytest.mark.skipif(not MEDIA.is_dir(), reason="the shared media set is not beside this checkout")


def test_every_file_of_the_set_has_an_expectation() -> None:
    present = {f"{path.parent.name}/{path.name}" for path in MEDIA.glob("*/*")}
    assert present == set(ALL)


@pytest.mark.campaign
@pytest.mark.skipif(not FULL, reason="`make campaign` runs it: tests/e2e/media_set takes the same files all the way")
@pytest.mark.parametrize(("name", "expected"), ALL.items(), ids=ALL.keys())
async def test_file_ends_as_the_manifest_says(
    name: str, expected: Expectation, inspect: Inspect, tools: MediaTools, storage: DirectoryStorage, target: VersionRef
) -> None:
    began = time.monotonic()
    if isinstance(expected, Accept):
        await inspect(MEDIA / name)
        plan = plan_encoding(await load_facts(storage, target), ProtectionScheme.CBCS, "veryfast")
        check_plan(plan, expected)
    else:
        with pytest.raises(VideoRejected) as caught:
            await inspect(MEDIA / name)
        assert caught.value.failure is expected
        assert caught.value.sentence
        assert not [key for key in storage.writes if key.endswith(".json")]
    assert time.monotonic() - began < MOST_SECONDS
    assert not list((tools.scratch.root / "jobs").glob("*"))


def check_plan(plan: EncodingPlan, expected: Accept) -> None:
    assert plan.duration > 0
    assert [warning.startswith(start) for warning, start in zip(plan.warnings, expected.warnings, strict=True)] == [
        True
    ] * len(expected.warnings)
    assert plan.video or plan.audio
    if plan.video:
        assert plan.video.frame_rate.value <= 60
        assert sum(chunk.frames for chunk in plan.video.chunks) == plan.video.total_frames <= 60 * 400


async def plan_of(name: str, inspect: Inspect, storage: DirectoryStorage, target: VersionRef) -> EncodingPlan:
    await inspect(MEDIA / name)
    return plan_encoding(await load_facts(storage, target), ProtectionScheme.CBCS, "veryfast")


async def test_three_languages_and_their_subtitles_keep_names_and_flags(
    inspect: Inspect, storage: DirectoryStorage, target: VersionRef
) -> None:
    plan = await plan_of("valid/multi_audio_subs.mkv", inspect, storage, target)
    assert [(a.language, a.channels, a.default) for a in plan.audio] == [
        ("en", 2, True),
        ("en", 1, False),
        ("de", 1, False),
    ]
    assert len({a.title for a in plan.audio}) == 3
    assert [(s.language, s.default, s.forced) for s in plan.subtitles] == [
        ("en", True, False),
        ("fr", False, False),
        ("ar", False, True),
    ]


@pytest.mark.parametrize(
    ("name", "rate", "top", "flags"),
    [
        ("rotated_90_720p_5s.mp4", "30000/1001", (720, 1280), {"rotation": 270}),
        ("rotated_180_480p_6s.mp4", "30/1", (640, 480), {"rotation": 180}),
        ("interlaced_1080i25_mpeg2.ts", "25/1", (1920, 1080), {"deinterlace": True}),
        ("vfr_hlg10_rotated_editlist.mp4", "30000/1001", (1080, 1920), {"rotation": 90, "tone_map": True}),
        ("vfr_hdr10_1080p_1s.mp4", "30/1", (1920, 1080), {"tone_map": True}),
        ("vfr_derived_5s.mp4", "30000/1001", (960, 540), {"tone_map": False}),
        ("h263_amr_phone.3gp", "15/1", (192, 144), {"rotation": 0}),
        ("h264_aac.flv", "30/1", (1080, 720), {"rotation": 0}),
        ("mpeg1_anamorphic.mpg", "25/1", (500, 288), {"deinterlace": False}),
        ("odd_427x239_vp9_opus.webm", "24/1", (426, 238), {"rotation": 0}),
        ("vp9_10bit_3s.webm", "24000/1001", (426, 240), {"tone_map": False}),
        ("rotated_minus90_4k60_0.3s.mp4", "60/1", (2160, 3840), {"rotation": 90, "full_range": True}),
        ("iphone_rotated_minus90_1s.mov", "24/1", (480, 640), {"rotation": 90}),
    ],
)
async def test_picture_is_planned_upright_at_its_rate(
    name: str,
    rate: str,
    top: tuple[int, int],
    flags: dict[str, object],
    inspect: Inspect,
    storage: DirectoryStorage,
    target: VersionRef,
) -> None:
    plan = await plan_of(f"valid/{name}", inspect, storage, target)
    assert plan.video is not None
    assert str(plan.video.frame_rate) == rate
    assert (plan.video.renditions[-1].width, plan.video.renditions[-1].height) == top
    assert {field: getattr(plan.video, field) for field in flags} == flags
