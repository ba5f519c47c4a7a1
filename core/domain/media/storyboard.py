"""The storyboard: small pictures for the seek bar, taken from key frames of the lowest rung."""

from __future__ import annotations

from fractions import Fraction
from math import ceil

from core.domain.media.facts import FrameRate
from core.domain.media.frame_rates import gop_duration
from core.domain.media.geometry import Size, scaled
from core.domain.media.plan import StoryboardPlan

#: The longer side of a tile, in pixels.
TILE_SIDE = 160
COLUMNS = 10
MAX_ROWS = 10
#: A long film gets a longer interval instead of ever more sprites.
MAX_TILES = 500


def plan_storyboard(display: Size, total_frames: int, rate: FrameRate) -> StoryboardPlan:
    """One tile every `interval` seconds, a whole number of GOPs, because only key frames are decoded for it."""
    gop = gop_duration(rate)
    gops = max(1, ceil(rate.seconds(total_frames) / gop))
    step = ceil(Fraction(gops, MAX_TILES))
    tiles = ceil(Fraction(gops, step))
    tile = _tile(display)
    columns = min(COLUMNS, tiles)
    rows = min(MAX_ROWS, ceil(tiles / columns))
    return StoryboardPlan(float(gop * step), tile.width, tile.height, columns, rows, tiles)


def _tile(display: Size) -> Size:
    return scaled(display, Fraction(TILE_SIDE, max(display.width, display.height)))
