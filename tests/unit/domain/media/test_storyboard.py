from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.media.facts import FrameRate
from core.domain.media.frame_rates import STANDARD_RATES, gop_duration
from core.domain.media.geometry import Size
from core.domain.media.storyboard import MAX_TILES, plan_storyboard

WIDE = Size(1920, 1080)


def test_short_clip_has_one_tile_for_each_gop() -> None:
    plan = plan_storyboard(WIDE, 651, FrameRate(24))
    assert (plan.interval, plan.tiles, plan.columns, plan.rows) == (4.0, 7, 7, 1)
    assert (plan.tile_width, plan.tile_height) == (160, 90)


def test_portrait_tiles_are_as_high_as_landscape_ones_are_wide() -> None:
    plan = plan_storyboard(WIDE.turned(), 100, FrameRate(25))
    assert (plan.tile_width, plan.tile_height) == (90, 160)


def test_full_sprites_are_ten_by_ten() -> None:
    plan = plan_storyboard(WIDE, 30 * 60 * 20, FrameRate(30))
    assert (plan.tiles, plan.columns, plan.rows) == (300, 10, 10)


@settings(deadline=None)
@given(frames=st.integers(1, 12 * 3600 * 60), rate=st.sampled_from(STANDARD_RATES))
def test_any_length_stays_bounded_on_key_frames_and_covers_the_video(frames: int, rate: FrameRate) -> None:
    plan = plan_storyboard(WIDE, frames, rate)
    gops = Fraction(plan.interval).limit_denominator(1000) / gop_duration(rate)
    assert gops.denominator == 1
    assert 1 <= plan.tiles <= MAX_TILES
    assert plan.columns * plan.rows <= 100
    seconds = float(rate.seconds(frames))
    assert (plan.tiles - 1) * plan.interval < seconds <= plan.tiles * plan.interval + 1e-6
