"""Crypto periods: how much of a title one set of content keys protects."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class CryptoPeriods:
    """`seconds` is the length of one, None for a title whose keys do not change; there are `count` of them."""

    seconds: int | None = None
    count: int = 1

    @classmethod
    def of(cls, duration: float, seconds: int | None) -> CryptoPeriods:
        """Those of a title of `duration` seconds."""
        return cls() if seconds is None else cls(seconds, max(1, -int(-duration // seconds)))

    def at(self, ticks: int, timescale: int) -> int:
        """Which one a segment belongs to that is first shown at `ticks`: a segment has one key.

        What a track has beyond the title's end, and before its beginning, belongs to the last and the first.
        """
        if self.seconds is None:
            return 0
        return min(self.count - 1, max(0, ticks) // (timescale * self.seconds))
