"""Ratios and quantiles of a load."""

from __future__ import annotations

import pytest

from bench.http_load import Load
from bench.throughput import Comparison, as_dict, summary


def load(per_second: int, latencies: list[float]) -> Load:
    return Load(len(latencies) / per_second, tuple(sorted(latencies)), tuple(b"" for _ in latencies))


@pytest.mark.parametrize(("share", "seconds"), [(0.01, 1.0), (0.5, 50.0), (0.99, 99.0), (1.0, 100.0)])
def test_quantiles_are_by_nearest_rank(share: float, seconds: float) -> None:
    assert load(10, [float(n) for n in range(100, 0, -1)]).quantile(share) == seconds


def test_the_median_round_decides_whether_a_bar_is_reached() -> None:
    bare = load(1000, [0.001] * 10)
    rounds = [Comparison(load(speed, [0.002] * 10), bare) for speed in (900, 510, 100)]
    assert summary(rounds)[:3] == ["510", "1000", "0.51"]
    assert "reached" in summary(rounds)[-1]
    assert "missed" in summary([*rounds[1:], rounds[2]])[-1]


def test_a_few_slow_answers_miss_the_bar_for_the_spread() -> None:
    spread = Comparison(load(900, [0.001] * 95 + [0.1] * 5), load(1000, [0.001] * 100))
    assert "missed" in summary([spread])[-1]
    assert as_dict({"issue": [spread]})["issue"][0]["spread"] == pytest.approx(100)
