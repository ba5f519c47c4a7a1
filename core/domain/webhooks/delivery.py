"""What becomes of a delivery: its states, when it is tried again, and what an answer means.

Success, failure and back-off are those of Standard Webhooks 1.0.0 (operational considerations).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

DELAYS: tuple[timedelta, ...] = (
    timedelta(0),
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Before each attempt, after the one before it: the last is made 75 h 35 min 5 s after the event, plus jitter."""

JITTER = 0.1
"""A delay is lengthened by up to this part of it, so that what failed together does not come back together."""

LONGEST_RETRY_AFTER = timedelta(hours=24)

_LONGEST_BUSY = 60.0

TIMEOUT_SECONDS = 15.0

LONGEST_EXCERPT = 2048
"""Characters, and bytes, of an answer that are kept."""


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class FailureReason(StrEnum):
    """EXHAUSTED: the schedule is over. ENDPOINT_DISABLED: it was, before or by this delivery. CANCELLED: by operators.

    INTERNAL: it could not be tried, through a fault of ours.
    """

    EXHAUSTED = "EXHAUSTED"
    ENDPOINT_DISABLED = "ENDPOINT_DISABLED"
    CANCELLED = "CANCELLED"
    INTERNAL = "INTERNAL"


class AttemptError(StrEnum):
    """Why there is no answer. ADDRESS_REFUSED: the address leads where we do not go."""

    TIMEOUT = "TIMEOUT"
    UNREACHABLE = "UNREACHABLE"
    ADDRESS_REFUSED = "ADDRESS_REFUSED"
    BAD_ANSWER = "BAD_ANSWER"


class Verdict(StrEnum):
    SUCCESS = "success"
    GONE = "gone"
    FAILURE = "failure"


@dataclass(frozen=True)
class Tried:
    """What one attempt brought: a status, or an error. `retry_after` is the header's value."""

    status: int | None = None
    error: AttemptError | None = None
    excerpt: str = ""
    retry_after: str | None = None

    @property
    def verdict(self) -> Verdict:
        """2xx is success and nothing else; a redirect is a failure; 410 means never again."""
        if self.status is not None and 200 <= self.status < 300:
            return Verdict.SUCCESS
        return Verdict.GONE if self.status == 410 else Verdict.FAILURE


def next_delay(attempt: int, tried: Tried, jitter: float, now: datetime) -> timedelta | None:
    """How long to wait after `attempt`, which counts from 1 and has failed; None when it was the last.

    `jitter` is between 0 and 1. An endpoint can ask for a longer delay (RFC 9110, 10.2.3), never for a shorter one.
    """
    if attempt >= len(DELAYS):
        return None
    planned = DELAYS[attempt] * (1 + JITTER * jitter)
    return max(planned, min(_asked_for(tried.retry_after, now), LONGEST_RETRY_AFTER))


def busy_delay(times: int, jitter: float) -> timedelta:
    """How long to wait after the endpoint had all the attempts at once that it allows, for the `times`th time."""
    return timedelta(seconds=min(2.0 ** min(times, 10), _LONGEST_BUSY) * (1 + jitter))


def _asked_for(retry_after: str | None, now: datetime) -> timedelta:
    """Seconds or an HTTP date; zero for anything else."""
    value = (retry_after or "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:10]), 10**8))
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return timedelta(0)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now


def excerpt_of(body: bytes) -> str:
    """The beginning of an answer as PostgreSQL can keep it: no NUL, valid UTF-8."""
    return body[:LONGEST_EXCERPT].decode("utf-8", "ignore").replace("\0", "")
