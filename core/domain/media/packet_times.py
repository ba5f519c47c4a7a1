"""When a stream really starts and ends, and how many frames a second it really has."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from core.domain.media.facts import FrameRate
from core.domain.media.probed import ProbedStream, StreamPackets

#: Packets that cover less than this share of their time carry no real durations (FLV may say 1 ms for each picture).
_REAL_COVERAGE = 0.25
#: ... unless the last one's is at least this many seconds: few pictures, each as long as a frame of the raster.
_REAL_SECONDS = 0.01


@dataclass(frozen=True)
class Span:
    """Seconds from the container's start."""

    start: float
    end: float


def span(seen: StreamPackets, stream: ProbedStream, origin: float) -> Span:
    """Start and end of a stream with packets. Streams without timestamps are counted out at their declared rate."""
    if seen.first is None or seen.last is None:
        return Span(0.0, _counted_out(seen, stream))
    end = max(seen.end or seen.last, seen.last)
    if end - seen.last < _REAL_SECONDS and seen.covered <= (seen.last - seen.first) * _REAL_COVERAGE:
        end = seen.last + (seen.short_gap or _mean_distance(seen) or _frame_seconds(stream))
    return Span(max(0.0, seen.first - origin), max(0.0, end - origin))


def latest_end(seen: StreamPackets, stream: ProbedStream, origin: float) -> float:
    """When a stream ends if its last packet is shown as long as packets are on average, in seconds."""
    average = (seen.last or 0.0) + _mean_distance(seen) - origin
    return max(span(seen, stream, origin).end, average)


def measured_rate(seen: StreamPackets) -> FrameRate | None:
    """Frames a second between the first and the last packet; None for fewer than two."""
    return _rate_at(_mean_distance(seen))


def quick_rate(seen: StreamPackets) -> FrameRate | None:
    """Frames a second where they follow one another quickly; None when no two have times."""
    return _rate_at(seen.short_gap)


def _rate_at(distance: float | None) -> FrameRate | None:
    if not distance:
        return None
    rate = Fraction(1 / distance).limit_denominator(1001)
    return FrameRate(rate.numerator, rate.denominator) if rate > 0 else None


def _mean_distance(seen: StreamPackets) -> float:
    if seen.packets < 2 or seen.first is None or seen.last is None:
        return 0.0
    return (seen.last - seen.first) / (seen.packets - 1)


def _frame_seconds(stream: ProbedStream) -> float:
    rate = stream.average_rate or stream.nominal_rate
    return float(1 / rate) if rate else 0.0


def _counted_out(seen: StreamPackets, stream: ProbedStream) -> float:
    return seen.packets * _frame_seconds(stream)
