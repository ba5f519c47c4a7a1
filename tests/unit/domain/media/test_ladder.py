from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.media.facts import FrameRate
from core.domain.media.geometry import Size
from core.domain.media.ladder import BOXES, MIN_BITRATE, build_ladder
from core.domain.media.plan import KeyLabel

RATE = FrameRate(24)


def shapes(width: int, height: int, rate: FrameRate = RATE) -> list[tuple[str, int, int]]:
    return [(rung.name, rung.width, rung.height) for rung in build_ladder(Size(width, height), rate)]


def test_full_hd_gets_the_usual_five_rungs() -> None:
    assert shapes(1920, 1080) == [
        ("240p", 426, 240),
        ("360p", 640, 360),
        ("480p", 854, 480),
        ("720p", 1280, 720),
        ("1080p", 1920, 1080),
    ]


def test_portrait_swaps_the_boxes() -> None:
    assert shapes(720, 1280) == [
        ("240p", 240, 426),
        ("360p", 360, 640),
        ("480p", 480, 854),
        ("720p", 720, 1280),
    ]


def test_wide_screen_fills_the_width_of_each_box() -> None:
    assert shapes(1920, 800)[-2:] == [("720p", 1280, 534), ("1080p", 1920, 800)]


def test_size_between_rungs_is_its_own_top() -> None:
    assert shapes(960, 540)[-2:] == [("480p", 854, 480), ("540p", 960, 540)]
    assert shapes(960, 400)[-2:] == [("480p", 854, 356), ("540p", 960, 400)]


def test_rung_just_below_the_top_is_dropped() -> None:
    assert shapes(888, 500)[-2:] == [("360p", 640, 360), ("500p", 888, 500)]


def test_source_below_the_smallest_box_gets_one_rung_of_its_own_size() -> None:
    assert shapes(192, 144) == [("144p", 192, 144)]
    assert shapes(16, 16) == [("16p", 16, 16)]


def test_odd_source_is_cut_down_to_even() -> None:
    assert shapes(427, 239) == [("240p", 426, 238)]
    assert shapes(1, 1) == [("2p", 2, 2)]


def test_8k_ends_at_2160p() -> None:
    assert shapes(7680, 4320)[-1] == ("2160p", 3840, 2160)


def test_bitrates_follow_the_boxes_and_the_rate() -> None:
    film = {rung.name: rung.max_bitrate for rung in build_ladder(Size(3840, 2160), RATE)}
    assert film == {
        "240p": 400_000,
        "360p": 700_000,
        "480p": 1_200_000,
        "720p": 2_500_000,
        "1080p": 4_500_000,
        "1440p": 9_000_000,
        "2160p": 16_000_000,
    }
    fast = build_ladder(Size(1280, 720), FrameRate(60))[-1]
    assert fast.max_bitrate == 3_750_000
    assert build_ladder(Size(1280, 720), FrameRate(30))[-1].max_bitrate == 2_500_000
    assert build_ladder(Size(16, 16), RATE)[-1].max_bitrate == MIN_BITRATE


def test_labels_follow_the_class_of_the_box() -> None:
    labels = {rung.name: rung.label for rung in build_ladder(Size(3840, 2160), RATE)}
    assert {name for name, label in labels.items() if label is KeyLabel.SD} == {"240p", "360p", "480p"}
    assert {name for name, label in labels.items() if label is KeyLabel.HD} == {"720p", "1080p"}
    assert {name for name, label in labels.items() if label is KeyLabel.UHD} == {"1440p", "2160p"}
    assert build_ladder(Size(960, 540), RATE)[-1].label is KeyLabel.HD


@pytest.mark.parametrize("rate", [FrameRate(24), FrameRate(60)], ids=str)
@settings(deadline=None)
@given(width=st.integers(1, 9000), height=st.integers(1, 9000))
def test_any_size_gives_a_rising_ladder_of_even_unique_rungs_never_above_the_source(
    rate: FrameRate, width: int, height: int
) -> None:
    ladder = build_ladder(Size(width, height), rate)
    assert len({rung.name for rung in ladder}) == len(ladder)
    for rung in ladder:
        assert rung.width % 2 == rung.height % 2 == 0
        assert rung.width <= max(width, 2)
        assert rung.height <= max(height, 2)
        largest = BOXES[-1].facing(Size(width, height))
        assert rung.width <= largest.width
        assert rung.height <= largest.height
    areas = [rung.width * rung.height for rung in ladder]
    assert areas == sorted(areas)
    if len(ladder) > 1:
        below, top = ladder[-2:]
        assert max(Fraction(below.width, top.width), Fraction(below.height, top.height)) <= Fraction(9, 10)


@settings(deadline=None)
@given(width=st.integers(64, 9000), height=st.integers(64, 9000))
def test_any_rung_keeps_the_aspect_to_the_rounding(width: int, height: int) -> None:
    if max(width, height) > 4 * min(width, height):
        return
    for rung in build_ladder(Size(width, height), RATE):
        assert abs(rung.width * height - rung.height * width) <= 2 * max(width, height) + width + height
