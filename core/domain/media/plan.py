"""The encoding plan: everything that transcoding, packaging and verification need to know, decided once."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.domain.media.crypto_periods import CryptoPeriods
from core.domain.media.facts import FrameRate


class KeyLabel(StrEnum):
    """One content key per label (DRM track types as Widevine and CPIX name them)."""

    AUDIO = "AUDIO"
    SD = "SD"
    HD = "HD"
    UHD = "UHD"


class ProtectionScheme(StrEnum):
    """cbcs (AES-CBC with a 1:9 pattern) and cenc (AES-CTR) of ISO/IEC 23001-7, and AES-128 of RFC 8216, 4.3.2.4.

    AES-128 encrypts whole segments, which only HLS can say: such a version has no DASH manifest.
    """

    CBCS = "cbcs"
    CENC = "cenc"
    AES128 = "aes128"


@dataclass(frozen=True)
class Rendition:
    """One rung of the ladder. `name` is unique in the plan, like "720p"; bitrates are bits per second."""

    name: str
    width: int
    height: int
    max_bitrate: int
    label: KeyLabel
    crf: int = 23


@dataclass(frozen=True)
class Chunk:
    """A run of whole GOPs on the output frame grid: frames [first_frame, first_frame + frames)."""

    index: int
    first_frame: int
    frames: int


@dataclass(frozen=True)
class VideoPlan:
    """The last `held_frames` of `total_frames` repeat the last picture, because the sound goes on."""

    stream: int
    frame_rate: FrameRate
    gop_frames: int
    total_frames: int
    renditions: tuple[Rendition, ...]
    chunks: tuple[Chunk, ...]
    preset: str = "veryfast"
    rotation: int = 0
    deinterlace: bool = False
    tone_map: bool = False
    full_range: bool = False
    color_primaries: str | None = None
    color_transfer: str | None = None
    color_space: str | None = None
    source_pixels: int = 0
    held_frames: int = 0


@dataclass(frozen=True)
class AudioPlan:
    """`name` is unique in the plan, like "audio-0-eng"; `bitrate` is bits per second for the whole track.

    `duration` is what the source has, in seconds; `silence` follows it, because the picture goes on.
    """

    stream: int
    name: str
    language: str
    title: str
    channels: int
    bitrate: int
    duration: float
    default: bool = False
    silence: float = 0.0


@dataclass(frozen=True)
class SubtitlePlan:
    stream: int
    name: str
    language: str
    title: str
    default: bool = False
    forced: bool = False


@dataclass(frozen=True)
class StoryboardPlan:
    """Tiles of `tile_width` x `tile_height`, one every `interval` seconds, `columns` x `rows` a sprite."""

    interval: float
    tile_width: int
    tile_height: int
    columns: int
    rows: int
    tiles: int


@dataclass(frozen=True)
class EncodingPlan:
    duration: float
    scheme: ProtectionScheme
    video: VideoPlan | None
    audio: tuple[AudioPlan, ...]
    subtitles: tuple[SubtitlePlan, ...]
    storyboard: StoryboardPlan | None
    #: Segment length in seconds; a whole number of GOPs, except where a GOP is shorter than planned.
    segment_seconds: float
    #: Remux the source to an indexed container before chunks seek in it.
    index_source: bool = False
    #: Seconds after the container's start at which the title starts.
    source_start: float = 0.0
    warnings: tuple[str, ...] = ()
    #: After how many seconds the content keys change; None for one key a label.
    crypto_period_seconds: int | None = None

    @property
    def crypto_periods(self) -> CryptoPeriods:
        return CryptoPeriods.of(self.duration, self.crypto_period_seconds)

    @property
    def labels(self) -> tuple[KeyLabel, ...]:
        """Labels in use, in the order of the enum."""
        used = {r.label for r in self.video.renditions} if self.video else set()
        if self.audio:
            used.add(KeyLabel.AUDIO)
        return tuple(label for label in KeyLabel if label in used)
