"""The ratio that decides is that of the medians."""

from __future__ import annotations

from bench.player import FirstFrames


def test_one_slow_run_does_not_decide() -> None:
    assert FirstFrames((100.0, 120.0, 9000.0), (100.0, 100.0, 100.0)).ratio == 1.2
    assert FirstFrames((100.0, 120.0, 9000.0), (100.0, 100.0, 100.0)).reached
    assert not FirstFrames((126.0,), (100.0,)).reached
