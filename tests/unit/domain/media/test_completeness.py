from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.failures import FailureCode, VideoRejected
from core.domain.media import magic
from core.domain.media.completeness import check_complete
from core.domain.media.magic import ContainerFamily
from core.domain.media.probed import ProbedFile, ProbedStream, StreamPackets

VIDEO = ProbedStream(0, "video", "h264", declared_duration=10.0, declared_packets=250)
AUDIO = ProbedStream(1, "audio", "aac", declared_duration=10.0, declared_packets=469)


def shown(packets: int, seconds: float) -> StreamPackets:
    return StreamPackets(packets, 0.0, seconds - 0.04, seconds, seconds)


def check(
    seen: dict[int, StreamPackets],
    *streams: ProbedStream,
    family: ContainerFamily = magic.ISO_BMFF,
    whole: float | None = 10.0,
) -> None:
    check_complete(ProbedFile("x", 0.0, whole, streams or (VIDEO, AUDIO)), seen, family)


def refused(
    seen: dict[int, StreamPackets],
    *streams: ProbedStream,
    family: ContainerFamily = magic.ISO_BMFF,
    whole: float | None = 10.0,
) -> bool:
    with pytest.raises(VideoRejected) as caught:
        check(seen, *streams, family=family, whole=whole)
    return caught.value.failure is FailureCode.TRUNCATED


def test_whole_file_passes() -> None:
    check({0: shown(250, 10.0), 1: shown(469, 10.0)})


def test_rounding_at_the_end_passes() -> None:
    check({0: shown(249, 9.96), 1: shown(460, 9.8)})


def test_header_without_any_media_is_truncated() -> None:
    assert refused({})


def test_video_cut_off_is_truncated_even_in_a_short_clip() -> None:
    assert refused({0: shown(175, 7.0), 1: shown(469, 10.0)})
    short = replace(VIDEO, declared_duration=0.4, declared_packets=10)
    assert refused({0: shown(6, 0.25)}, short)


def test_audio_cut_off_is_truncated() -> None:
    assert refused({0: shown(250, 10.0), 1: shown(300, 6.4)})
    assert refused({0: shown(250, 10.0)})


def test_frames_left_out_by_an_edit_list_pass() -> None:
    trimmed = replace(VIDEO, declared_duration=4.0)
    check({0: shown(100, 4.0)}, trimmed)


def test_variable_rate_with_all_its_frames_passes() -> None:
    check({0: shown(250, 8.0)}, VIDEO)


def test_track_that_promises_nothing_is_empty_not_cut() -> None:
    check({0: shown(250, 10.0)}, VIDEO, replace(VIDEO, index=5, declared_packets=None))


def test_other_trustworthy_headers_are_compared_as_a_whole() -> None:
    check({0: shown(250, 7.0), 1: shown(469, 9.9)}, family=magic.MATROSKA)
    assert refused({0: shown(150, 6.0), 1: shown(280, 6.1)}, family=magic.MATROSKA)
    assert refused({}, family=magic.FLV)


def test_last_picture_may_stand_as_long_as_pictures_do_on_average() -> None:
    """A recording of a still screen: nothing says how long its last picture was shown."""
    recorded = StreamPackets(4, 0.0, 7.8, 7.8, 0.0, short_gap=0.04)
    check({0: recorded}, family=magic.MATROSKA)
    assert refused({0: recorded}, family=magic.MATROSKA, whole=12.0)


def test_estimated_durations_are_not_compared() -> None:
    check({0: shown(150, 6.0)}, family=magic.MPEG_TS)
    check({0: shown(150, 6.0)}, family=magic.MATROSKA, whole=None)
