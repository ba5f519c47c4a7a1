"""How large, long and slow an import may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class ImportLimits:
    """`max_bytes` of the source; `longest` from its beginning, over all tries; `patience` without anything stored.

    `least_speed` in bytes a second, over each `speed_window` seconds; `pause` is seconds between two connections of
    one try.
    """

    max_bytes: int
    longest: timedelta = timedelta(hours=24)
    patience: timedelta = timedelta(minutes=15)
    least_speed: int = 10_000
    speed_window: float = 60.0
    pause: float = 1.0
    most_restarts: int = 10
