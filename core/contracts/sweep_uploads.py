"""Message of the sweep over uploads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SweepUploadsResult:
    """How many forms had sent their file, how many resumable uploads were finished, and how many had expired."""

    arrived: int
    finished: int
    expired: int
