from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.failures import FailureCode, VideoRejected
from core.domain.media.facts import AudioTrack, FrameRate, SourceFacts, SubtitleTrack, VideoTrack
from core.domain.media.policy import IngestLimits, check_container, check_source
from core.domain.media.probed import ContainerTraits

VIDEO = VideoTrack(0, "h264", 1280, 720, "yuv420p", FrameRate(25), FrameRate(25), 0.0, 10.0, 250)
AUDIO = AudioTrack(1, "aac", 2, 48000, 0.0, 10.0, packets=470)
GOOD = SourceFacts("mov", 1000, 10.0, 10.0, VIDEO, (AUDIO,), stream_count=2)
LIMITS = IngestLimits()


def rejection(facts: SourceFacts) -> FailureCode:
    with pytest.raises(VideoRejected) as caught:
        check_source(facts, LIMITS)
    return caught.value.failure


def test_ordinary_source_passes() -> None:
    check_source(GOOD, LIMITS)
    check_source(replace(GOOD, video=None), LIMITS)
    check_source(replace(GOOD, audio=()), LIMITS)


def test_source_without_picture_or_sound_is_not_a_video() -> None:
    subtitles = (SubtitleTrack(0, "subrip"),)
    assert rejection(replace(GOOD, video=None, audio=(), subtitles=subtitles)) is FailureCode.NOT_A_VIDEO


@pytest.mark.parametrize(
    ("size", "code"),
    [((8192, 4321), FailureCode.TOO_MANY_PIXELS), ((1280, 15), FailureCode.TOO_SMALL), ((2, 2), FailureCode.TOO_SMALL)],
)
def test_picture_out_of_bounds_is_refused(size: tuple[int, int], code: FailureCode) -> None:
    assert rejection(replace(GOOD, video=replace(VIDEO, width=size[0], height=size[1]))) is code


def test_largest_and_smallest_picture_pass() -> None:
    for width, height in ((8192, 4320), (16, 16)):
        check_source(replace(GOOD, video=replace(VIDEO, width=width, height=height)), LIMITS)


@pytest.mark.parametrize(
    ("duration", "code"), [(0.24, FailureCode.TOO_SHORT), (0.0, FailureCode.TOO_SHORT), (43201.0, FailureCode.TOO_LONG)]
)
def test_duration_out_of_bounds_is_refused(duration: float, code: FailureCode) -> None:
    dense = replace(AUDIO, end=duration, packets=max(1, int(duration * 47)))
    assert rejection(replace(GOOD, duration=duration, audio=(dense,))) is code


def test_hours_with_a_handful_of_packets_are_a_mismatch_not_a_video() -> None:
    facts = replace(GOOD, duration=3600.0, video=replace(VIDEO, end=3600.0, packets=50), audio=())
    assert rejection(facts) is FailureCode.DURATION_MISMATCH


def test_hours_that_only_a_sparse_track_claims_are_a_mismatch() -> None:
    """Found by the fuzz campaign: an AVI header with one frame in 22 minutes beside a second of honest sound."""
    sparse = replace(VIDEO, end=30000.0, packets=23)
    facts = replace(GOOD, duration=30000.0, video=sparse, audio=(replace(AUDIO, end=1.0, packets=43),))
    assert rejection(facts) is FailureCode.DURATION_MISMATCH


def test_last_slide_may_stay_after_the_sound() -> None:
    slides = replace(VIDEO, end=4000.0, packets=9)
    spoken = replace(AUDIO, end=3600.0, packets=168750)
    check_source(replace(GOOD, duration=4000.0, video=slides, audio=(spoken,)), LIMITS)


def test_one_picture_under_an_hour_of_sound_is_fine() -> None:
    still = replace(VIDEO, end=3600.0, packets=1)
    check_source(
        replace(GOOD, duration=3600.0, video=still, audio=(replace(AUDIO, end=3600.0, packets=168750),)), LIMITS
    )


@pytest.mark.parametrize(
    "facts",
    [
        replace(GOOD, stream_count=65),
        replace(GOOD, audio=(AUDIO,) * 17),
        replace(GOOD, subtitles=(SubtitleTrack(3, "subrip"),) * 33),
    ],
)
def test_too_many_streams_are_refused(facts: SourceFacts) -> None:
    assert rejection(facts) is FailureCode.TOO_MANY_STREAMS


def test_container_traits_decide_before_any_demuxer() -> None:
    check_container(ContainerTraits())
    with pytest.raises(VideoRejected) as encrypted:
        check_container(ContainerTraits(encrypted=True, header_whole=False))
    assert encrypted.value.failure is FailureCode.ENCRYPTED_INPUT
    with pytest.raises(VideoRejected) as cut:
        check_container(ContainerTraits(header_whole=False))
    assert cut.value.failure is FailureCode.UNREADABLE
