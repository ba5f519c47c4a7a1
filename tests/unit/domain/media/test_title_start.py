from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.media.facts import AudioTrack, FrameRate, SourceFacts, VideoTrack
from core.domain.media.plan import ProtectionScheme
from core.domain.media.planner import plan_encoding
from core.domain.media.title_start import counted_from, title_start

RATE = FrameRate(25)
VIDEO = VideoTrack(0, "h264", 640, 360, "yuv420p", RATE, RATE, 0.021, 16.021, 400)
AUDIO = AudioTrack(1, "aac", 2, 48000, 0.0, 16.021)
FACTS = SourceFacts("matroska", 1, 16.021, None, VIDEO, (AUDIO,))


def facts_of(start: float, *, end: float = 16.0, sound: float = 16.0) -> SourceFacts:
    return replace(FACTS, video=replace(VIDEO, start=start, end=end), audio=(replace(AUDIO, end=sound),))


@pytest.mark.parametrize("start", [0.0, 0.021, 0.0834, 0.1])
def test_title_starts_with_a_picture_that_is_a_little_late(start: float) -> None:
    assert title_start(facts_of(start)) == start


@pytest.mark.parametrize("start", [0.101, 1.5])
def test_picture_that_is_meant_to_come_later_comes_later(start: float) -> None:
    assert title_start(facts_of(start)) == 0.0


def test_no_track_loses_more_than_half() -> None:
    assert title_start(facts_of(0.09, sound=0.1)) == 0.0
    assert title_start(facts_of(0.09, sound=0.2)) == 0.09


def test_sound_alone_starts_where_its_file_does() -> None:
    assert title_start(replace(FACTS, video=None)) == 0.0


def test_counted_from_there_sound_that_came_before_starts_at_zero() -> None:
    moved = counted_from(FACTS, 0.021)
    assert moved.video is not None
    assert (moved.video.start, moved.video.end) == (0.0, pytest.approx(16.0))
    assert (moved.audio[0].start, moved.audio[0].end) == (0.0, pytest.approx(16.0))


def test_plan_has_a_frame_for_each_picture_and_no_tiny_last_segment() -> None:
    plan = plan_encoding(FACTS, ProtectionScheme.CBCS, "veryfast")
    assert plan.video is not None
    assert plan.video.total_frames == 400
    assert plan.video.total_frames % plan.video.gop_frames == 0
    assert plan.source_start == 0.021
    assert plan.audio[0].duration == pytest.approx(16.0)
    assert plan.duration == pytest.approx(16.0)
