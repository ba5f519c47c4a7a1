"""What inspection found in a source file. Facts only: no decision is taken here."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class FrameRate:
    """Frames per second as an exact ratio, e.g. 30000/1001."""

    numerator: int
    denominator: int = 1

    @property
    def value(self) -> Fraction:
        return Fraction(self.numerator, self.denominator)

    def frames(self, seconds: float) -> int:
        return round(seconds * self.numerator / self.denominator)

    def seconds(self, frames: int) -> Fraction:
        return Fraction(frames * self.denominator, self.numerator)

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator}"


@dataclass(frozen=True)
class VideoTrack:
    """One video stream. Times are seconds from the container's start; sizes are coded pixels before rotation."""

    index: int
    codec: str
    width: int
    height: int
    pixel_format: str
    average_rate: FrameRate | None
    nominal_rate: FrameRate | None
    start: float
    end: float
    packets: int
    declared_packets: int | None = None
    #: Sample aspect ratio, width:height of one pixel.
    sample_aspect: tuple[int, int] = (1, 1)
    #: Clockwise degrees to turn the picture for display: 0, 90, 180 or 270.
    rotation: int = 0
    interlaced: bool = False
    bit_depth: int = 8
    full_range: bool = False
    color_primaries: str | None = None
    color_transfer: str | None = None
    color_space: str | None = None
    #: At which a quarter of the frames follow one another: pauses lower the average, not this.
    quick_rate: FrameRate | None = None

    @property
    def hdr(self) -> bool:
        return self.color_transfer in {"smpte2084", "arib-std-b67"}


@dataclass(frozen=True)
class AudioTrack:
    index: int
    codec: str
    channels: int
    sample_rate: int
    start: float
    end: float
    packets: int = 0
    #: BCP 47 tag, "und" when the file does not say.
    language: str = "und"
    title: str | None = None
    default: bool = False


@dataclass(frozen=True)
class SubtitleTrack:
    index: int
    codec: str
    language: str = "und"
    title: str | None = None
    default: bool = False
    forced: bool = False
    #: Text subtitles become WebVTT; bitmap ones are skipped with a warning.
    text: bool = True


@dataclass(frozen=True)
class SourceFacts:
    """`container` is ffprobe's name; `duration` is what the packets show, `declared_duration` what the header says."""

    container: str
    size: int
    duration: float
    declared_duration: float | None
    video: VideoTrack | None
    audio: tuple[AudioTrack, ...] = ()
    subtitles: tuple[SubtitleTrack, ...] = ()
    stream_count: int = 0
    #: True when a seek lands exactly on the key frame before the target (indexed containers).
    exact_seek: bool = True
    #: False when the file's clock jumps: its times are those after ffmpeg has mended them, and no seek finds them.
    continuous: bool = True
    warnings: tuple[str, ...] = ()
