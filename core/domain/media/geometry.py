"""Sizes as they are shown: square pixels, upright, even."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

from core.domain.media.facts import VideoTrack

#: Pixels more oblong than this are a damaged header, not a format anyone used.
_BELIEVABLE_ASPECT = Fraction(4)


@dataclass(frozen=True)
class Size:
    """Pixels."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def short_side(self) -> int:
        return min(self.width, self.height)

    @property
    def long_side(self) -> int:
        return max(self.width, self.height)

    @property
    def portrait(self) -> bool:
        return self.height > self.width

    def turned(self) -> Size:
        return Size(self.height, self.width)


def display_size(track: VideoTrack) -> Size:
    """The size to show: width stretched by the sample aspect ratio (height is kept), then turned by the rotation."""
    aspect = _believable(track.sample_aspect)
    size = Size(max(1, round(track.width * aspect)), track.height)
    return size.turned() if track.rotation in {90, 270} else size


def even_floor(size: Size) -> Size:
    """Even sides, never larger than before, at least 2: what 4:2:0 sampling needs."""
    return Size(max(2, size.width // 2 * 2), max(2, size.height // 2 * 2))


def scaled(size: Size, factor: Fraction) -> Size:
    """Shrink by a factor below 1 to the nearest even sides (1920x1080 to 854x480), never above the original."""
    return Size(*(max(2, 2 * round(side * factor / 2)) for side in (size.width, size.height)))


def upright_rotation(degrees: float | None) -> int:
    """Clockwise turn as 0, 90, 180 or 270. Anything that is not a multiple of 90 is damage and is not believed."""
    if degrees is None or not isfinite(degrees) or abs(degrees) > 360 or degrees % 90:
        return 0
    return int(degrees) % 360


def _believable(sample_aspect: tuple[int, int]) -> Fraction:
    width, height = sample_aspect
    if width <= 0 or height <= 0:
        return Fraction(1)
    aspect = Fraction(width, height)
    return aspect if 1 / _BELIEVABLE_ASPECT <= aspect <= _BELIEVABLE_ASPECT else Fraction(1)
