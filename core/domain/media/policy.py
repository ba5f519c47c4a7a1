"""What may come in. Every limit has one failure code; the guide for uploaders lists them all."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.failures import FailureCode, VideoRejected
from core.domain.media.facts import SourceFacts, VideoTrack
from core.domain.media.probed import ContainerTraits

#: A stream with fewer packets than one in this many seconds has timestamps that nobody recorded.
SPARSE_SECONDS = 60
#: Seconds. A single picture may be shown for some time, also after the sound has ended.
SPARSE_MATTERS_FROM = 600


@dataclass(frozen=True)
class IngestLimits:
    """Durations in seconds, sizes in coded pixels. The defaults are those of an installation that sets nothing."""

    max_pixels: int = 8192 * 4320
    min_side: int = 16
    min_duration: float = 0.25
    max_duration: float = 12 * 3600
    max_streams: int = 64
    max_audio: int = 16
    max_subtitles: int = 32


def check_container(traits: ContainerTraits) -> None:
    """Raise VideoRejected for what no demuxer needs to be asked about: ENCRYPTED_INPUT, UNREADABLE."""
    if traits.encrypted:
        raise VideoRejected(FailureCode.ENCRYPTED_INPUT, "the container declares encrypted samples")
    if not traits.header_whole:
        raise VideoRejected(FailureCode.UNREADABLE, "the container's header reaches beyond the end of the file")


def check_source(facts: SourceFacts, limits: IngestLimits) -> None:
    """Raise VideoRejected with the first rule the source breaks."""
    _check_streams(facts, limits)
    if facts.video is None and not facts.audio:
        raise VideoRejected(FailureCode.NOT_A_VIDEO, "no video or audio stream with content")
    if facts.video is not None:
        _check_picture(facts.video, limits)
    _check_duration(facts, limits)


def _check_streams(facts: SourceFacts, limits: IngestLimits) -> None:
    counts = (
        ("streams", facts.stream_count, limits.max_streams),
        ("audio streams", len(facts.audio), limits.max_audio),
        ("subtitle streams", len(facts.subtitles), limits.max_subtitles),
    )
    for what, count, limit in counts:
        if count > limit:
            raise VideoRejected(FailureCode.TOO_MANY_STREAMS, f"{count} {what}, the limit is {limit}")


def _check_picture(track: VideoTrack, limits: IngestLimits) -> None:
    size = f"{track.width}x{track.height}"
    if track.width * track.height > limits.max_pixels:
        raise VideoRejected(FailureCode.TOO_MANY_PIXELS, f"{size} is more than {limits.max_pixels} pixels")
    if min(track.width, track.height) < limits.min_side:
        raise VideoRejected(FailureCode.TOO_SMALL, f"{size}, the limit is {limits.min_side} pixels a side")


def _check_duration(facts: SourceFacts, limits: IngestLimits) -> None:
    if _unfounded_seconds(facts) >= SPARSE_MATTERS_FROM:
        raise VideoRejected(FailureCode.DURATION_MISMATCH, f"{facts.duration:.0f} s with almost no content")
    if facts.duration > limits.max_duration:
        raise VideoRejected(FailureCode.TOO_LONG, f"{facts.duration:.0f} s, the limit is {limits.max_duration:.0f} s")
    if facts.duration < limits.min_duration:
        raise VideoRejected(FailureCode.TOO_SHORT, f"{facts.duration:.3f} s, the limit is {limits.min_duration} s")


def _unfounded_seconds(facts: SourceFacts) -> float:
    """How much of the duration no track fills: those with packets at a plausible rate end that much earlier."""
    filled = [t.end for t in (facts.video, *facts.audio) if t and t.packets * SPARSE_SECONDS >= t.end - t.start]
    return facts.duration - max(filled, default=0.0)
