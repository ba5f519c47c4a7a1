"""What the probe says of a file, before anything is believed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class ProbedStream:
    """One stream as declared. `codec` is None when it has no name; `rotation` is degrees clockwise, as found."""

    index: int
    kind: str
    codec: str | None
    tag: str = ""
    width: int = 0
    height: int = 0
    pixel_format: str = ""
    average_rate: Fraction | None = None
    nominal_rate: Fraction | None = None
    declared_duration: float | None = None
    declared_packets: int | None = None
    sample_aspect: tuple[int, int] = (1, 1)
    rotation: float | None = None
    field_order: str | None = None
    color_range: str | None = None
    color_primaries: str | None = None
    color_transfer: str | None = None
    color_space: str | None = None
    channels: int = 0
    sample_rate: int = 0
    language: str | None = None
    title: str | None = None
    default: bool = False
    forced: bool = False
    #: Cover art, a thumbnail or a still: a picture that is no video.
    still: bool = False


@dataclass(frozen=True)
class ProbedFile:
    """`start` is the container's own zero in seconds; packet times count from there."""

    container: str
    start: float
    duration: float | None
    streams: tuple[ProbedStream, ...]


@dataclass(frozen=True)
class StreamPackets:
    """What the packets of one stream show, in seconds on the container's clock, without those an edit list discards.

    `last` is the latest presentation time, `end` the latest end of a packet, `covered` the sum of all durations. A
    quarter of the packets follow the one before within `short_gap`.
    """

    packets: int = 0
    first: float | None = None
    last: float | None = None
    end: float | None = None
    covered: float = 0.0
    short_gap: float | None = None


@dataclass(frozen=True)
class ContainerTraits:
    """What the container's own structure says. `indexed`: a seek finds the key frame before any time exactly."""

    indexed: bool = False
    encrypted: bool = False
    #: False when the header itself reaches beyond the end of the file.
    header_whole: bool = True
