from __future__ import annotations

from pathlib import Path

import pytest

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.media.facts import AudioTrack, FrameRate, SourceFacts, SubtitleTrack, VideoTrack
from core.domain.media.plan import ProtectionScheme
from core.domain.media.planner import plan_encoding
from core.ports import ObjectNotFound
from core.services.media.stored_plan import load_facts, load_plan, save_facts, save_plan
from tests.fixtures.directory_storage import DirectoryStorage

TARGET = VersionRef("a" * 32, "b" * 32, 3)
NTSC = FrameRate(30000, 1001)
FACTS = SourceFacts(
    container="matroska,webm",
    size=123,
    duration=60.06,
    declared_duration=None,
    video=VideoTrack(
        0, "hevc", 1440, 1080, "yuv420p10le", NTSC, None, 0.1, 60.06, 1800, sample_aspect=(4, 3), rotation=90
    ),
    audio=(AudioTrack(1, "aac", 6, 48000, 0.0, 60.0, packets=2800, language="de", title="Zählen"),),
    subtitles=(SubtitleTrack(2, "subrip", "ar", forced=True), SubtitleTrack(3, "dvd_subtitle", text=False)),
    stream_count=4,
    exact_seek=False,
    warnings=("DECODE_ERRORS",),
)


async def test_facts_come_back_equal(tmp_path: Path) -> None:
    storage = DirectoryStorage(tmp_path)
    await save_facts(storage, TARGET, FACTS)
    assert await load_facts(storage, TARGET) == FACTS


@pytest.mark.parametrize("scheme", list(ProtectionScheme))
async def test_plan_comes_back_equal(tmp_path: Path, scheme: ProtectionScheme) -> None:
    storage = DirectoryStorage(tmp_path)
    plan = plan_encoding(FACTS, scheme, "veryfast")
    await save_plan(storage, TARGET, plan)
    assert await load_plan(storage, TARGET) == plan
    assert storage.writes == [object_keys.plan(TARGET)]


async def test_nothing_stored_is_not_found(tmp_path: Path) -> None:
    storage = DirectoryStorage(tmp_path)
    with pytest.raises(ObjectNotFound):
        await load_facts(storage, TARGET)
    with pytest.raises(ObjectNotFound):
        await load_plan(storage, TARGET)
