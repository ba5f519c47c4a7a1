"""Every track lasts as long as the title: players stop where the first one ends, and some wait there for ever."""

from __future__ import annotations

#: Tracks of one recording end this much apart by themselves; players bridge it.
TOLERATED_SECONDS = 0.5


def missing_until(end: float, track_end: float) -> float:
    """Seconds to add to a track that ends at `track_end`, so that it lasts to `end`; 0.0 when it nearly does."""
    missing = end - track_end
    return missing if missing > TOLERATED_SECONDS else 0.0
