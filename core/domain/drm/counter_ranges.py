"""Which AES-CTR counter values a key has been used with: none may occur twice (ISO/IEC 23001-7, 9.3)."""

from __future__ import annotations

from itertools import pairwise

_BLOCK_BYTES = 16


class CounterRanges:
    """Counter values used under one key. A packager that counts IVs upwards needs one range a stream."""

    def __init__(self) -> None:
        self._ranges: list[tuple[int, int]] = []

    def add(self, iv: bytes, protected_bytes: int) -> None:
        """One sample. An 8-byte IV is the upper half of the counter, and takes all counters below it."""
        start, end = _span(iv, protected_bytes)
        if self._ranges and self._ranges[-1][1] == start:
            self._ranges[-1] = (self._ranges[-1][0], end)
        else:
            self._ranges.append((start, end))

    def overlap(self) -> bool:
        """Whether any counter value was used more than once."""
        return any(after[0] < before[1] for before, after in pairwise(sorted(self._ranges)))


def _span(iv: bytes, protected_bytes: int) -> tuple[int, int]:
    if len(iv) == 8:
        upper = int.from_bytes(iv, "big")
        return upper << 64, upper + 1 << 64
    start = int.from_bytes(iv, "big")
    return start, start + max(1, -(-protected_bytes // _BLOCK_BYTES))
