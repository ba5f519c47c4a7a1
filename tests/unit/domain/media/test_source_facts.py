from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from core.domain.failures import FailureCode, VideoRejected
from core.domain.media import magic
from core.domain.media.facts import FrameRate, SourceFacts
from core.domain.media.probed import ProbedFile, ProbedStream, StreamPackets
from core.domain.media.source_facts import read_facts

VIDEO = ProbedStream(
    0,
    "video",
    "h264",
    "avc1",
    1280,
    720,
    "yuv420p",
    average_rate=Fraction(25),
    nominal_rate=Fraction(25),
    declared_duration=10.0,
    declared_packets=250,
    default=True,
)
AUDIO = ProbedStream(1, "audio", "aac", channels=2, sample_rate=48000, language="ger", default=True)
SEEN = {
    0: StreamPackets(250, 0.0, 9.96, 10.0, 10.0),
    1: StreamPackets(469, 0.0, 9.98, 10.0, 10.0),
}


def facts_of(
    *streams: ProbedStream, seen: dict[int, StreamPackets] | None = None, start: float = 0.0, family=magic.ISO_BMFF
) -> SourceFacts:
    probed = ProbedFile("mov", start, 10.0, streams)
    return read_facts(probed, SEEN if seen is None else seen, family, size=1, exact_seek=True)


def test_ordinary_file_gives_one_video_and_its_audio() -> None:
    facts = facts_of(VIDEO, AUDIO)
    assert facts.video is not None
    assert facts.video.average_rate == FrameRate(25)
    assert (facts.video.start, facts.video.end, facts.duration) == (0.0, 10.0, 10.0)
    assert [track.language for track in facts.audio] == ["de"]
    assert facts.warnings == ()


def test_times_count_from_the_containers_start() -> None:
    seen = {0: StreamPackets(250, 1.5, 11.46, 11.5, 10.0), 1: StreamPackets(469, 1.4, 11.38, 11.4, 10.0)}
    facts = facts_of(VIDEO, AUDIO, seen=seen, start=1.4)
    assert facts.video is not None
    assert facts.video.start == pytest.approx(0.1)
    assert facts.video.end == pytest.approx(10.1)
    assert facts.audio[0].start == 0.0


def test_packets_without_real_durations_end_one_frame_after_the_last() -> None:
    seen = {0: StreamPackets(250, 0.0, 9.96, 9.961, 0.25)}
    facts = facts_of(VIDEO, seen=seen, family=magic.FLV)
    assert facts.duration == pytest.approx(10.0)


def test_few_pictures_end_with_the_last_ones_own_duration() -> None:
    seen = {0: StreamPackets(53, 0.0, 11.96, 12.0, 53 * 0.04, short_gap=0.08)}
    assert facts_of(VIDEO, seen=seen, family=magic.MATROSKA).duration == pytest.approx(12.0)


def test_few_pictures_without_durations_end_when_the_next_would_follow_quickly() -> None:
    seen = {0: StreamPackets(53, 0.0, 11.96, 11.96, 0.0, short_gap=0.08)}
    assert facts_of(VIDEO, seen=seen, family=magic.MATROSKA).duration == pytest.approx(12.04)


def test_sound_that_declares_a_block_of_each_packet_ends_a_packet_after_the_last() -> None:
    """ffprobe says 256 samples for each packet of E-AC-3 in MP4, which has 1536."""
    seen = {1: StreamPackets(54, 0.0, 1.696, 1.701333, 54 * 0.005333, short_gap=0.032)}
    assert facts_of(AUDIO, seen=seen).duration == pytest.approx(1.728)


def test_last_block_that_is_short_stays_short() -> None:
    seen = {1: StreamPackets(16, 0.0, 15.0, 15.2, 15.2)}
    assert facts_of(AUDIO, seen=seen).duration == pytest.approx(15.2)


def test_packets_without_timestamps_are_counted_out_at_the_declared_rate() -> None:
    assert facts_of(VIDEO, seen={0: StreamPackets(250)}).duration == pytest.approx(10.0)


def test_cover_art_and_empty_tracks_are_no_video() -> None:
    cover = replace(VIDEO, index=2, codec="png", still=True)
    empty = replace(VIDEO, index=3)
    facts = facts_of(AUDIO, cover, empty, seen={1: SEEN[1], 2: StreamPackets(1)})
    assert facts.video is None
    assert facts.stream_count == 3


def test_second_video_is_ignored_with_a_warning() -> None:
    second = replace(VIDEO, index=2, default=False)
    facts = facts_of(second, VIDEO, seen={0: SEEN[0], 2: SEEN[0]})
    assert facts.video is not None
    assert facts.video.index == 0
    assert facts.warnings == ("EXTRA_VIDEO_IGNORED:stream 2",)


def test_audio_without_description_is_skipped_with_a_warning() -> None:
    nameless = ProbedStream(1, "audio", None)
    facts = facts_of(VIDEO, nameless)
    assert facts.audio == ()
    assert facts.warnings == ("AUDIO_TRACK_SKIPPED:stream 1",)


def test_video_without_codec_name_is_unsupported() -> None:
    with pytest.raises(VideoRejected) as caught:
        facts_of(replace(VIDEO, codec=None, tag="vvc1"))
    assert caught.value.failure is FailureCode.UNSUPPORTED_CODEC


def test_video_without_a_size_is_corrupt() -> None:
    with pytest.raises(VideoRejected) as caught:
        facts_of(replace(VIDEO, width=0))
    assert caught.value.failure is FailureCode.CORRUPT


def test_gif_with_one_picture_is_an_image() -> None:
    with pytest.raises(VideoRejected) as caught:
        facts_of(replace(VIDEO, codec="gif"), seen={0: StreamPackets(1, 0.0, 0.0, 0.1, 0.1)}, family=magic.GIF)
    assert caught.value.failure is FailureCode.NOT_A_VIDEO


@pytest.mark.parametrize(
    ("codec", "text"),
    [("subrip", True), ("ass", True), ("mov_text", True), ("hdmv_pgs_subtitle", False), (None, False)],
)
def test_subtitles_are_told_as_text_or_pictures(codec: str | None, text: bool) -> None:
    subtitle = ProbedStream(2, "subtitle", codec, language="ara", forced=True)
    (track,) = facts_of(VIDEO, subtitle, seen={0: SEEN[0], 2: StreamPackets(3, 1.0, 2.0, 3.0, 3.0)}).subtitles
    assert (track.text, track.language, track.forced) == (text, "ar", True)


def test_subtitles_without_packets_are_left_out_with_a_warning() -> None:
    facts = facts_of(VIDEO, ProbedStream(2, "subtitle", "subrip"), ProbedStream(3, "data", None))
    assert facts.subtitles == ()
    assert facts.warnings == ("SUBTITLE_EMPTY:stream 2",)


@pytest.mark.parametrize(
    ("pixel_format", "depth", "full"),
    [
        ("yuv420p", 8, False),
        ("yuvj420p", 8, True),
        ("yuv420p10le", 10, False),
        ("p010le", 10, False),
        ("gray12le", 12, False),
    ],
)
def test_pixel_format_tells_depth_and_range(pixel_format: str, depth: int, full: bool) -> None:
    track = facts_of(replace(VIDEO, pixel_format=pixel_format)).video
    assert track is not None
    assert (track.bit_depth, track.full_range) == (depth, full)


def test_garbage_rotation_and_unknown_colours_are_dropped() -> None:
    odd = replace(VIDEO, rotation=-9.2e18, color_transfer="unknown", color_space="bt709", field_order="tt")
    track = facts_of(odd).video
    assert track is not None
    assert (track.rotation, track.color_transfer, track.color_space, track.interlaced) == (0, None, "bt709", True)
