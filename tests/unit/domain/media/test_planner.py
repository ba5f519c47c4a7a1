from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.media.facts import AudioTrack, FrameRate, SourceFacts, SubtitleTrack, VideoTrack
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.domain.media.planner import plan_encoding

NTSC = FrameRate(30000, 1001)
VIDEO = VideoTrack(2, "hevc", 1920, 1080, "yuv420p10le", NTSC, NTSC, 0.5, 40.04, 1185, rotation=90, bit_depth=10)
AUDIO = AudioTrack(1, "aac", 6, 48000, 0.0, 41.0, packets=1900, language="de")
FACTS = SourceFacts("mov", 1, 41.0, 41.0, VIDEO, (AUDIO,), (SubtitleTrack(3, "dvd_subtitle", text=False),), 4)


def plan_of(video: VideoTrack | None = VIDEO, **changes: object):
    return plan_encoding(replace(FACTS, video=video, **changes), ProtectionScheme.CBCS, "veryfast")  # type: ignore[arg-type]


def test_grid_runs_from_the_containers_start_to_the_last_frame() -> None:
    plan = plan_of()
    assert plan.video is not None
    assert plan.video.stream == 2
    assert plan.video.total_frames - plan.video.held_frames == 1200
    assert plan.duration == pytest.approx(41.0, abs=0.01)
    assert plan.segment_seconds == pytest.approx(4.004)


def test_turned_source_gets_an_upright_ladder() -> None:
    plan = plan_of()
    assert plan.video is not None
    assert plan.video.rotation == 90
    assert (plan.video.renditions[-1].width, plan.video.renditions[-1].height) == (1080, 1920)
    assert plan.labels == (KeyLabel.AUDIO, KeyLabel.SD, KeyLabel.HD)


@pytest.mark.parametrize(
    ("transfer", "expected"),
    [("smpte2084", True), ("arib-std-b67", True), ("bt709", False), (None, False)],
)
def test_hdr_is_tone_mapped(transfer: str | None, expected: bool) -> None:
    plan = plan_of(replace(VIDEO, color_transfer=transfer))
    assert plan.video is not None
    assert plan.video.tone_map is expected


def test_interlaced_is_deinterlaced() -> None:
    plan = plan_of(replace(VIDEO, interlaced=True))
    assert plan.video is not None
    assert plan.video.deinterlace


def test_only_an_inexact_source_of_several_chunks_is_indexed_first() -> None:
    assert plan_of(exact_seek=False).index_source
    assert not plan_of(exact_seek=True).index_source
    assert not plan_of(replace(VIDEO, end=10.0), exact_seek=False, audio=()).index_source
    assert not plan_of(None, exact_seek=False).index_source


def test_source_with_a_jumping_clock_is_always_remuxed() -> None:
    assert plan_of(replace(VIDEO, end=10.0), continuous=False).index_source
    assert not plan_of(None, continuous=False).index_source


def test_audio_alone_has_no_video_and_no_storyboard() -> None:
    plan = plan_of(None)
    assert plan.video is None
    assert plan.storyboard is None
    assert plan.duration == 41.0
    assert plan.segment_seconds == 4.0
    assert plan.labels == (KeyLabel.AUDIO,)


def test_video_without_sound_has_no_audio_key() -> None:
    plan = plan_of(audio=())
    assert plan.audio == ()
    assert KeyLabel.AUDIO not in plan.labels
    assert plan.duration == pytest.approx(40.04)


def test_single_frame_is_at_least_one_output_frame() -> None:
    still = replace(VIDEO, start=0.0, end=0.0, packets=1, average_rate=None, nominal_rate=None)
    plan = plan_of(still, audio=())
    assert plan.video is not None
    assert plan.video.total_frames == 1
    assert plan.storyboard is not None
    assert plan.storyboard.tiles == 1


def test_picture_is_held_while_the_sound_goes_on() -> None:
    plan = plan_of()
    assert plan.video is not None
    assert (plan.video.total_frames, plan.video.held_frames) == (1229, 29)
    assert sum(chunk.frames for chunk in plan.video.chunks) == 1229


def test_silence_follows_a_track_that_ends_before_the_title() -> None:
    long, short = AUDIO, replace(AUDIO, index=4, end=12.5)
    plan = plan_of(replace(VIDEO, end=60.0), audio=(long, short))
    assert [(track.duration, track.silence) for track in plan.audio] == [(41.0, 19.0), (12.5, 47.5)]
    assert plan.video is not None
    assert plan.video.held_frames == 0


def test_ends_that_differ_by_half_a_second_are_left_alone() -> None:
    plan = plan_of(replace(VIDEO, end=40.5))
    assert plan.video is not None
    assert plan.video.held_frames == 0
    plan = plan_of(replace(VIDEO, end=41.4))
    assert plan.audio[0].silence == 0.0


def test_warnings_of_facts_and_plan_are_both_kept() -> None:
    assert plan_of(warnings=("DECODE_ERRORS",)).warnings == ("DECODE_ERRORS", "BITMAP_SUBTITLE_SKIPPED:stream 3")


def test_same_facts_give_the_same_plan() -> None:
    assert plan_of() == plan_of()
