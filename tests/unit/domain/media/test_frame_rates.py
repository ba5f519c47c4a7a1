from __future__ import annotations

from fractions import Fraction

import pytest

from core.domain.media.facts import FrameRate
from core.domain.media.frame_rates import (
    FALLBACK_RATE,
    STANDARD_RATES,
    gop_duration,
    gop_frames,
    output_frame_rate,
)

FILM = FrameRate(24000, 1001)
NTSC = FrameRate(30000, 1001)


@pytest.mark.parametrize("rate", STANDARD_RATES, ids=str)
def test_standard_rate_has_gops_of_whole_microseconds_near_four_seconds(rate: FrameRate) -> None:
    microseconds = gop_duration(rate) * 1_000_000
    assert microseconds.denominator == 1
    assert microseconds in {4_000_000, 4_004_000}


@pytest.mark.parametrize(
    ("rate", "frames"),
    [
        (FILM, 96),
        (FrameRate(24), 96),
        (FrameRate(25), 100),
        (NTSC, 120),
        (FrameRate(30), 120),
        (FrameRate(50), 200),
        (FrameRate(60000, 1001), 240),
        (FrameRate(60), 240),
        (FrameRate(25, 2), 50),
    ],
)
def test_gop_is_four_nominal_seconds(rate: FrameRate, frames: int) -> None:
    assert gop_frames(rate) == frames


@pytest.mark.parametrize("rate", STANDARD_RATES, ids=str)
def test_constant_standard_rate_is_kept(rate: FrameRate) -> None:
    assert output_frame_rate(rate, rate) == rate
    assert output_frame_rate(rate, None) == rate


@pytest.mark.parametrize(
    ("average", "nominal", "expected"),
    [
        pytest.param(FrameRate(2999, 100), FrameRate(1000), FrameRate(30), id="flv says 1000"),
        pytest.param(FrameRate(2775, 188), FrameRate(250), FrameRate(15), id="3gp says 250"),
        pytest.param(FrameRate(30), FrameRate(60), FrameRate(30), id="field rate of interlaced video"),
        pytest.param(FrameRate(21800, 1001), NTSC, NTSC, id="variable rate keeps its raster"),
        pytest.param(FrameRate(2666, 100), FILM, FILM, id="hidden packets of vp9"),
        pytest.param(FrameRate(625, 26), FrameRate(289, 12), FrameRate(24), id="phone at 24.04"),
        pytest.param(FrameRate(1), FrameRate(1), FrameRate(10), id="slide show"),
    ],
)
def test_lying_container_is_overruled_by_its_packets(
    average: FrameRate, nominal: FrameRate, expected: FrameRate
) -> None:
    assert output_frame_rate(average, nominal) == expected


@pytest.mark.parametrize(
    ("average", "nominal", "quick", "expected"),
    [
        pytest.param(FrameRate(25, 4), FrameRate(25), FrameRate(25), FrameRate(25), id="a pause of ten seconds"),
        pytest.param(FrameRate(8), NTSC, FrameRate(30), NTSC, id="screen recording"),
        pytest.param(FrameRate(25), FrameRate(50), FrameRate(25), FrameRate(25), id="field rate"),
        pytest.param(FrameRate(1), FrameRate(60), FrameRate(1), FrameRate(10), id="slides on a fast time base"),
        pytest.param(FrameRate(15), FrameRate(1000), FrameRate(1000), FrameRate(15), id="time base as rate"),
    ],
)
def test_pauses_do_not_make_motion_jerky(
    average: FrameRate, nominal: FrameRate, quick: FrameRate, expected: FrameRate
) -> None:
    assert output_frame_rate(average, nominal, quick) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [(120, 60), (100, 50), (144, 48), (240, 60), (1000, FrameRate(60000, 1001))],
)
def test_high_rate_is_thinned_evenly_to_at_most_sixty(source: int, expected: int | FrameRate) -> None:
    wanted = expected if isinstance(expected, FrameRate) else FrameRate(expected)
    assert output_frame_rate(FrameRate(source), FrameRate(source)) == wanted


def test_millisecond_timestamps_of_sixty_do_not_count_as_above_sixty() -> None:
    assert output_frame_rate(FrameRate(6012, 100), None) == FrameRate(60)


def test_single_frame_gets_the_fallback_unless_the_container_names_a_rate() -> None:
    assert output_frame_rate(None, None) == FALLBACK_RATE
    assert output_frame_rate(None, NTSC) == NTSC
    assert output_frame_rate(FrameRate(0), FrameRate(0)) == FALLBACK_RATE


def test_absurdly_slow_nominal_rate_does_not_divide_by_zero() -> None:
    slow = FrameRate(30000, 2147483647)
    assert output_frame_rate(slow, slow).value == Fraction(10)
