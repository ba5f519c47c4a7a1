"""From what the probe says and what the packets show to facts: which streams count, and what is known of each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from core.domain.failures import FailureCode, VideoRejected
from core.domain.media.facts import AudioTrack, FrameRate, SourceFacts, SubtitleTrack, VideoTrack
from core.domain.media.geometry import upright_rotation
from core.domain.media.languages import language_tag
from core.domain.media.magic import GIF, ContainerFamily
from core.domain.media.packet_times import measured_rate, quick_rate, span
from core.domain.media.probed import ProbedFile, ProbedStream, StreamPackets
from core.domain.media.subtitles import empty_subtitle

#: Codecs that ffmpeg turns into WebVTT. All others (DVD, PGS, DVB, teletext) are pictures of text.
TEXT_SUBTITLES = frozenset(
    {"subrip", "srt", "ass", "ssa", "webvtt", "mov_text", "text", "subviewer", "microdvd", "sami"}
)
_INTERLACED = frozenset({"tt", "bb", "tb", "bt"})
_DEEP_PIXELS = re.compile(r"(?:p0?|gray|x)(9|1[0-6])(?:le|be)$")
#: Missing colour fields are spelled in several ways.
_UNKNOWN_COLOURS = frozenset({"unknown", "reserved", "unspecified", ""})


def read_facts(
    probed: ProbedFile,
    seen: Mapping[int, StreamPackets],
    family: ContainerFamily,
    *,
    size: int,
    exact_seek: bool,
) -> SourceFacts:
    """Facts about a file of `size` bytes. Raises VideoRejected: UNSUPPORTED_CODEC, CORRUPT, NOT_A_VIDEO (still GIF)."""
    live = [stream for stream in probed.streams if _has_content(stream, seen)]
    videos = [stream for stream in live if stream.kind == "video" and not stream.still]
    video = _video(videos, probed, seen, family)
    audio, unreadable = _audio(live, probed, seen)
    subtitles = tuple(_subtitle(stream) for stream in live if stream.kind == "subtitle")
    ends = [track.end for track in (video, *audio) if track is not None]
    return SourceFacts(
        container=probed.container,
        size=size,
        duration=max(ends, default=0.0),
        declared_duration=probed.duration,
        video=video,
        audio=audio,
        subtitles=subtitles,
        stream_count=len(probed.streams),
        exact_seek=exact_seek,
        warnings=(*_ignored_videos(videos, video), *unreadable, *_empty_subtitles(probed, live)),
    )


def _has_content(stream: ProbedStream, seen: Mapping[int, StreamPackets]) -> bool:
    return stream.index in seen and seen[stream.index].packets > 0


def _video(
    videos: list[ProbedStream], probed: ProbedFile, seen: Mapping[int, StreamPackets], family: ContainerFamily
) -> VideoTrack | None:
    if not videos:
        return None
    chosen = min(videos, key=lambda stream: (stream.codec is None, not stream.default, stream.index))
    if chosen.codec is None:
        raise VideoRejected(FailureCode.UNSUPPORTED_CODEC, f"stream {chosen.index}: no decoder for {chosen.tag!r}")
    if not chosen.width or not chosen.height:
        raise VideoRejected(FailureCode.CORRUPT, f"stream {chosen.index}: {chosen.codec} without a picture size")
    packets = seen[chosen.index]
    if family == GIF and packets.packets < 2:
        raise VideoRejected(FailureCode.NOT_A_VIDEO, "a GIF with one picture is an image")
    return _video_track(chosen, chosen.codec, packets, probed.start)


def _video_track(stream: ProbedStream, codec: str, packets: StreamPackets, origin: float) -> VideoTrack:
    shown = span(packets, stream, origin)
    return VideoTrack(
        index=stream.index,
        codec=codec,
        width=stream.width,
        height=stream.height,
        pixel_format=stream.pixel_format,
        average_rate=measured_rate(packets) or _rate(stream.average_rate),
        nominal_rate=_rate(stream.nominal_rate),
        start=shown.start,
        end=shown.end,
        packets=packets.packets,
        declared_packets=stream.declared_packets,
        sample_aspect=stream.sample_aspect,
        rotation=upright_rotation(stream.rotation),
        interlaced=stream.field_order in _INTERLACED,
        bit_depth=_bit_depth(stream.pixel_format),
        full_range=stream.color_range == "pc" or stream.pixel_format.startswith("yuvj"),
        color_primaries=_colour(stream.color_primaries),
        color_transfer=_colour(stream.color_transfer),
        color_space=_colour(stream.color_space),
        quick_rate=quick_rate(packets),
    )


def _audio(
    live: list[ProbedStream], probed: ProbedFile, seen: Mapping[int, StreamPackets]
) -> tuple[tuple[AudioTrack, ...], tuple[str, ...]]:
    """Usable audio tracks, and a warning for each that cannot be read (no sample description, no decoder)."""
    tracks, warnings = [], []
    for stream in live:
        if stream.kind != "audio":
            continue
        if stream.codec and stream.channels and stream.sample_rate:
            tracks.append(_audio_track(stream, stream.codec, seen[stream.index], probed.start))
        else:
            warnings.append(f"AUDIO_TRACK_SKIPPED:stream {stream.index}")
    return tuple(tracks), tuple(warnings)


def _audio_track(stream: ProbedStream, codec: str, packets: StreamPackets, origin: float) -> AudioTrack:
    shown = span(packets, stream, origin)
    return AudioTrack(
        index=stream.index,
        codec=codec,
        channels=stream.channels,
        sample_rate=stream.sample_rate,
        start=shown.start,
        end=shown.end,
        packets=packets.packets,
        language=language_tag(stream.language),
        title=stream.title,
        default=stream.default,
    )


def _subtitle(stream: ProbedStream) -> SubtitleTrack:
    return SubtitleTrack(
        index=stream.index,
        codec=stream.codec or "unknown",
        language=language_tag(stream.language),
        title=stream.title,
        default=stream.default,
        forced=stream.forced,
        text=stream.codec in TEXT_SUBTITLES,
    )


def _empty_subtitles(probed: ProbedFile, live: list[ProbedStream]) -> tuple[str, ...]:
    return tuple(empty_subtitle(s.index) for s in probed.streams if s.kind == "subtitle" and s not in live)


def _ignored_videos(videos: list[ProbedStream], chosen: VideoTrack | None) -> tuple[str, ...]:
    return tuple(f"EXTRA_VIDEO_IGNORED:stream {s.index}" for s in videos if chosen and s.index != chosen.index)


def _rate(value: Fraction | None) -> FrameRate | None:
    return FrameRate(value.numerator, value.denominator) if value and value > 0 else None


def _bit_depth(pixel_format: str) -> int:
    found = _DEEP_PIXELS.search(pixel_format)
    return int(found[1]) if found else 8


def _colour(name: str | None) -> str | None:
    return None if name is None or name in _UNKNOWN_COLOURS else name
