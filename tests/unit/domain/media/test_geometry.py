from __future__ import annotations

import math
from dataclasses import replace

import pytest

from core.domain.media.facts import VideoTrack
from core.domain.media.geometry import Size, display_size, upright_rotation

TRACK = VideoTrack(0, "h264", 352, 288, "yuv420p", None, None, 0.0, 1.0, 25)


def test_anamorphic_pixels_widen_the_picture_and_keep_its_height() -> None:
    assert display_size(replace(TRACK, sample_aspect=(64, 45))) == Size(501, 288)


def test_turned_picture_swaps_its_sides() -> None:
    assert display_size(replace(TRACK, rotation=90)) == Size(288, 352)
    assert display_size(replace(TRACK, rotation=270)) == Size(288, 352)
    assert display_size(replace(TRACK, rotation=180)) == Size(352, 288)


@pytest.mark.parametrize("aspect", [(0, 1), (1, 0), (-1, 1), (1000, 1), (1, 1000)])
def test_absurd_pixel_shape_is_not_believed(aspect: tuple[int, int]) -> None:
    assert display_size(replace(TRACK, sample_aspect=aspect)) == Size(352, 288)


@pytest.mark.parametrize(
    ("degrees", "turn"),
    [(0, 0), (90, 90), (-90, 270), (180, 180), (-180, 180), (270, 270), (360, 0)],
)
def test_quarter_turns_are_believed(degrees: float, turn: int) -> None:
    assert upright_rotation(degrees) == turn


@pytest.mark.parametrize("degrees", [None, 45, 89.9, math.nan, math.inf, -9223372036854775808.0, 3600])
def test_any_other_rotation_is_not_believed(degrees: float | None) -> None:
    assert upright_rotation(degrees) == 0
