"""An owner whose subtitles do not show learns why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from temporalio.testing import ActivityEnvironment

from activities.transcoding import TranscodingActivities
from core.contracts import object_keys
from core.contracts.publish_video import TrackInput
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.media.plan import SubtitlePlan
from core.services.media.stored_plan import save_plan
from tests.fixtures.database import new_organisation
from tests.fixtures.key_rows import add_video
from tests.fixtures.transcoding import make_plan, run_ffmpeg
from tests.integration.transcoding.conftest import MakeVersion

pytestmark = pytest.mark.stack

#: Two tracks of one cue each; the first has nothing to read, the second ends after the title.
BLANK = "1\n00:00:00,500 --> 00:00:01,000\n \n"
SPOKEN = "1\n00:00:00,500 --> 00:00:09,000\nhello\n"


async def test_track_without_anything_to_read_is_told_to_the_owner(
    tmp_path: Path, make_version: MakeVersion, uow_factory: UnitOfWorkFactory
) -> None:
    clip = make_titled_clip(tmp_path)
    version = make_version(clip)
    target = await add_video(uow_factory, await new_organisation(uow_factory))
    await version.storage.put_bytes(object_keys.original(target), clip.read_bytes(), "video/x-matroska")
    tracks = tuple(SubtitlePlan(n, f"subtitle-{n}-und", "und", f"Track {n}") for n in (1, 2))
    await save_plan(version.storage, target, replace(make_plan(None), duration=2.0, subtitles=tracks))
    activities = TranscodingActivities(uow_factory, version.tools)
    # Twice: the first worker may have died between storing the track and telling.
    for track in (*tracks, *tracks):
        await ActivityEnvironment().run(activities.extract_subtitle, TrackInput(target, track.name))
    async with uow_factory() as uow:
        assert (await uow.videos.version(target)).warnings == ["SUBTITLE_EMPTY:stream 1"]


def make_titled_clip(folder: Path) -> Path:
    blank, spoken, clip = folder / "blank.srt", folder / "spoken.srt", folder / "titled.mkv"
    blank.write_text(BLANK, encoding="utf-8")
    spoken.write_text(SPOKEN, encoding="utf-8")
    inputs = ["-f", "lavfi", "-i", "testsrc2=size=64x48:rate=25:duration=2", "-i", str(blank), "-i", str(spoken)]
    run_ffmpeg(*inputs, "-map", "0", "-map", "1", "-map", "2", "-c:s", "srt", str(clip))
    return clip
