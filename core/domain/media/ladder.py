"""The ladder: which sizes a video is offered in, never larger than the source."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from core.domain.media.facts import FrameRate
from core.domain.media.geometry import Size, even_floor, scaled
from core.domain.media.plan import KeyLabel, Rendition


@dataclass(frozen=True)
class Box:
    """A rung fits into its box. `max_bitrate` (bits per second) is for a picture that fills it at up to 30 fps."""

    name: str
    landscape: Size
    max_bitrate: int
    label: KeyLabel

    def facing(self, size: Size) -> Size:
        """The box turned the way the picture is."""
        return self.landscape.turned() if size.portrait else self.landscape


#: Content keys follow the class of the box: a licence may ask more of a device for HD (to 1080p) and UHD (above).
BOXES: tuple[Box, ...] = (
    Box("240p", Size(426, 240), 400_000, KeyLabel.SD),
    Box("360p", Size(640, 360), 700_000, KeyLabel.SD),
    Box("480p", Size(854, 480), 1_200_000, KeyLabel.SD),
    Box("720p", Size(1280, 720), 2_500_000, KeyLabel.HD),
    Box("1080p", Size(1920, 1080), 4_500_000, KeyLabel.HD),
    Box("1440p", Size(2560, 1440), 9_000_000, KeyLabel.UHD),
    Box("2160p", Size(3840, 2160), 16_000_000, KeyLabel.UHD),
)
#: A rung this close below the top saves viewers nothing and costs a whole encode.
TOO_CLOSE = Fraction(9, 10)
HIGH_RATE_FACTOR = Fraction(3, 2)
MIN_BITRATE = 64_000


def build_ladder(source: Size, rate: FrameRate) -> tuple[Rendition, ...]:
    """Rungs from the smallest to the top for a display size; the top is the source's own size, at most 2160p's box."""
    top = _top(source)
    below = [(box, _fitted(source, box)) for box in BOXES if _factor(source, box) < 1]
    sizes = [size for box, size in below if _is_step_below(top, size)]
    return tuple(_rendition(size, rate) for size in [*sizes, top])


def box_of(size: Size) -> Box:
    """The smallest box that holds the picture, the largest one when none does."""
    return next((box for box in BOXES if _factor(size, box) >= 1), BOXES[-1])


def _top(source: Size) -> Size:
    largest = BOXES[-1]
    return _fitted(source, largest) if _factor(source, largest) < 1 else even_floor(source)


def _factor(size: Size, box: Box) -> Fraction:
    """What to multiply a picture by so that it just fits the box."""
    limit = box.facing(size)
    return min(Fraction(limit.width, size.width), Fraction(limit.height, size.height))


def _fitted(source: Size, box: Box) -> Size:
    return scaled(source, _factor(source, box))


def _is_step_below(top: Size, size: Size) -> bool:
    limiting = max(Fraction(size.width, top.width), Fraction(size.height, top.height))
    return limiting <= TOO_CLOSE


def _rendition(size: Size, rate: FrameRate) -> Rendition:
    box = box_of(size)
    return Rendition(_name(size, box), size.width, size.height, _max_bitrate(size, box, rate), box.label)


def _name(size: Size, box: Box) -> str:
    limit = box.facing(size)
    if size.width == limit.width or size.height == limit.height:
        return box.name
    # As tall as a 16:9 picture of its class, so that wide-screen 960x400 is 540p and sorts above 480p's 854x356.
    return f"{max(size.short_side, round(size.long_side * 9 / 16))}p"


def _max_bitrate(size: Size, box: Box, rate: FrameRate) -> int:
    """Bits grow slower than pixels: neighbouring pixels of a larger picture are more alike, hence the power of 3/4."""
    share = math.pow(size.pixels / box.landscape.pixels, 0.75)
    factor = HIGH_RATE_FACTOR if rate.value > 30 else Fraction(1)
    return max(MIN_BITRATE, round(box.max_bitrate * share * float(factor) / 1000) * 1000)
