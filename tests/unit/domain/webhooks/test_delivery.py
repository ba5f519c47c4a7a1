"""The schedule, and what answers mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.webhooks.delivery import (
    DELAYS,
    LONGEST_RETRY_AFTER,
    AttemptError,
    Tried,
    Verdict,
    busy_delay,
    excerpt_of,
    next_delay,
)

NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


def test_the_schedule_is_the_documented_one() -> None:
    assert sum(DELAYS, timedelta()) == timedelta(hours=75, minutes=35, seconds=5)
    assert len(DELAYS) == 10
    waits = [next_delay(attempt, Tried(500), 0.0, NOW) for attempt in range(1, 11)]
    assert waits == [*DELAYS[1:], None]


@given(st.integers(1, 9), st.floats(0, 1), st.text(max_size=40))
def test_a_delay_is_never_shorter_than_planned_nor_longer_than_a_day_and_its_jitter(
    attempt: int, jitter: float, asked: str
) -> None:
    delay = next_delay(attempt, Tried(429, retry_after=asked), jitter, NOW)
    assert delay is not None
    assert DELAYS[attempt] <= delay <= max(DELAYS[attempt] * 1.1, LONGEST_RETRY_AFTER)


@pytest.mark.parametrize(
    ("asked", "waited"),
    [
        ("Thu, 26 Nov 2026 03:00:00 GMT", timedelta(hours=1)),
        ("Thu, 26 Nov 2026 03:00:00 -0000", timedelta(hours=1)),
        ("Thu, 26 Nov 2026 01:00:00 GMT", DELAYS[1]),
        ("Thu, 26 Nov 2099 01:00:00 GMT", LONGEST_RETRY_AFTER),
        ("٣", DELAYS[1]),
    ],
)
def test_retry_after_may_be_a_date(asked: str, waited: timedelta) -> None:
    assert next_delay(1, Tried(503, retry_after=asked), 0.0, NOW) == waited


@pytest.mark.parametrize(
    ("tried", "verdict"),
    [
        (Tried(200), Verdict.SUCCESS),
        (Tried(299), Verdict.SUCCESS),
        (Tried(199), Verdict.FAILURE),
        (Tried(300), Verdict.FAILURE),
        (Tried(410), Verdict.GONE),
        (Tried(error=AttemptError.TIMEOUT), Verdict.FAILURE),
    ],
)
def test_only_2xx_is_success(tried: Tried, verdict: Verdict) -> None:
    assert tried.verdict is verdict


@given(st.binary(max_size=5000))
def test_an_excerpt_can_be_stored_and_is_bounded(body: bytes) -> None:
    kept = excerpt_of(body)
    assert "\0" not in kept
    assert len(kept.encode()) <= 2048


def test_a_busy_endpoint_is_asked_less_and_less_often() -> None:
    assert [busy_delay(times, 0.0).total_seconds() for times in (1, 2, 5, 6, 1000)] == [2, 4, 32, 60, 60]
