"""One route's load beside the yardstick's, and the row that says whether the bars were reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.http_load import Load

LEAST_RATIO = 0.5
"""Of the bare route's requests per second."""
MOST_SPREAD = 4.0
"""p99 under load in multiples of p50."""


@dataclass(frozen=True)
class Comparison:
    """Measured one right after the other, because the machine's speed drifts."""

    route: Load
    bare: Load

    @property
    def ratio(self) -> float:
        return self.route.per_second / self.bare.per_second

    @property
    def spread(self) -> float:
        return self.route.quantile(0.99) / self.route.quantile(0.5)


def summary(comparisons: Sequence[Comparison], *, judged: bool = True) -> list[str]:
    """Cells of a table's row, each the median over the rounds; without bars and verdict when it is not `judged`."""
    ratio, spread = _middle(comparisons, lambda one: one.ratio), _middle(comparisons, lambda one: one.spread)
    reached = ratio >= LEAST_RATIO and spread <= MOST_SPREAD
    verdict = "[green]reached[/]" if reached else "[red]missed[/]"
    return [
        f"{_middle(comparisons, lambda one: one.route.per_second):.0f}",
        f"{_middle(comparisons, lambda one: one.bare.per_second):.0f}",
        f"{ratio:.2f}",
        f"{LEAST_RATIO:.2f}" if judged else "",
        f"{_middle(comparisons, lambda one: one.route.quantile(0.5)) * 1000:.1f} ms",
        f"{_middle(comparisons, lambda one: one.route.quantile(0.99)) * 1000:.1f} ms",
        f"{spread:.2f}",
        f"{MOST_SPREAD:.2f}" if judged else "",
        verdict if judged else "",
    ]


def as_dict(found: Mapping[str, Sequence[Comparison]]) -> dict[str, Any]:
    """For --json: every round of every route."""
    return {name: [_numbers(one) for one in comparisons] for name, comparisons in found.items()}


def _numbers(one: Comparison) -> dict[str, float]:
    return {
        "ratio": one.ratio,
        "requests_per_second": one.route.per_second,
        "bare_requests_per_second": one.bare.per_second,
        "p50_seconds": one.route.quantile(0.5),
        "p99_seconds": one.route.quantile(0.99),
        "spread": one.spread,
    }


def _middle(comparisons: Sequence[Comparison], figure: Callable[[Comparison], float]) -> float:
    return median(map(figure, comparisons))
