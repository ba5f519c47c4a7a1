"""Message of the sweep that runs every minute."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HousekeepingResult:
    """How many queued versions and deletions were started again; how many uploads, OTPs and requests were given up.

    `deliveries` of webhooks were found without a run, and `forgotten` rows of their log were too old.
    """

    publications: int
    deletions: int
    uploads: int = 0
    otps: int = 0
    requests: int = 0
    deliveries: int = 0
    forgotten: int = 0
