from __future__ import annotations

import random

from core.domain.media.frame_grid import FrameGrid


def faults(stamps: list[tuple[int, bool]], total: int = 10) -> tuple[str, ...]:
    grid = FrameGrid(total, gop_frames=4, ticks_per_frame=1001)
    for ticks, key in stamps:
        grid.add(ticks, key=key)
    return grid.faults


def perfect(total: int = 10) -> list[tuple[int, bool]]:
    return [(frame * 1001, frame % 4 == 0) for frame in range(total)]


def test_every_frame_once_and_on_time_is_faultless_in_any_order() -> None:
    stamps = perfect()
    random.Random(7).shuffle(stamps)
    assert faults(stamps) == ()


def test_a_missing_and_an_additional_frame_are_faults() -> None:
    assert faults(perfect()[:-1]) == ("1 frames missing",)
    assert faults([*perfect(), (10 * 1001, False)]) == ("1 frames off the grid",)


def test_a_tick_beside_the_grid_is_a_fault() -> None:
    assert faults([(1, True), *perfect()[1:]]) == ("1 frames missing", "1 frames off the grid")


def test_a_repeated_frame_is_a_fault() -> None:
    assert faults([*perfect(), (1001, False)]) == ("1 frames repeated",)


def test_a_key_frame_in_the_wrong_place_is_a_fault() -> None:
    assert faults([(0, True), (1001, True), *perfect()[2:]]) == ("1 frames with a wrong key flag",)
    assert faults([(0, False), *perfect()[1:]]) == ("1 frames with a wrong key flag",)


def test_a_negative_time_is_off_the_grid() -> None:
    assert "1 frames off the grid" in faults([(-1001, False), *perfect()])
