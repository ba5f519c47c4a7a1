"""Timeouts and retries, one named kind per kind of work. Nothing is tuned inline in a workflow.

Every kind is bounded as a whole (schedule-to-close) and not by attempts: a database or an object
store that is away for an hour must not fail a video. What can never succeed says so itself, by
raising a non-retryable error.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio.common import Priority, RetryPolicy
from temporalio.workflow import ActivityCancellationType, ActivityConfig

from core.contracts import queues

_WHOLE = timedelta(hours=24)
_FETCH = timedelta(hours=48)
"""Longer than the longest import that the settings allow."""
_LIGHT_RETRY = RetryPolicy(initial_interval=timedelta(milliseconds=500), maximum_interval=timedelta(seconds=20))
_BULK = Priority(priority_key=4)
"""Behind the default of 3. The fairness key stays the workflow's own."""
_SLOW_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


def reading(summary: str) -> ActivityConfig:
    """A question that changes nothing: a cancel need not wait for the answer."""
    return ActivityConfig(
        task_queue=queues.ORCHESTRATION,
        start_to_close_timeout=timedelta(seconds=30),
        schedule_to_close_timeout=_WHOLE,
        retry_policy=_LIGHT_RETRY,
        summary=summary,
    )


def database(summary: str) -> ActivityConfig:
    """A transaction or two. A cancel waits for its end: clean-up must not run beside what it cleans up after."""
    return ActivityConfig(
        task_queue=queues.ORCHESTRATION,
        start_to_close_timeout=timedelta(seconds=30),
        schedule_to_close_timeout=_WHOLE,
        retry_policy=_LIGHT_RETRY,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


def storage(summary: str) -> ActivityConfig:
    """Listing and deleting many objects. The heartbeat tells a lost worker from a slow store."""
    return ActivityConfig(
        task_queue=queues.ORCHESTRATION,
        start_to_close_timeout=timedelta(minutes=15),
        schedule_to_close_timeout=_WHOLE,
        heartbeat_timeout=timedelta(seconds=20),
        retry_policy=_LIGHT_RETRY,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


def delivery(summary: str) -> ActivityConfig:
    """One call of a customer's server, which has its own timeout; the heartbeat tells a lost worker from a slow one."""
    return ActivityConfig(
        task_queue=queues.EGRESS,
        start_to_close_timeout=timedelta(minutes=2),
        schedule_to_close_timeout=_WHOLE,
        heartbeat_timeout=timedelta(seconds=10),
        retry_policy=_SLOW_RETRY,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


def rewrapping(summary: str) -> ActivityConfig:
    """Many short transactions with a heartbeat after each; the longest waits for several answers of a slow KMS."""
    return {**storage(summary), "heartbeat_timeout": timedelta(seconds=60)}


def fetching(summary: str) -> ActivityConfig:
    """A transfer from somebody else's server. How long, and how slow, it may be is for the activity to say."""
    return ActivityConfig(
        task_queue=queues.IMPORTS,
        start_to_close_timeout=_FETCH,
        schedule_to_close_timeout=_FETCH,
        heartbeat_timeout=timedelta(seconds=20),
        retry_policy=_SLOW_RETRY,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


def media(summary: str, media_seconds: float = 0.0) -> ActivityConfig:
    """A process on the media fleet. `media_seconds` is how much media the unit covers.

    The workflow waits for a cancelled unit to end, so that clean-up never deletes files under a
    running ffmpeg. A lost worker is noticed by the missing heartbeat.
    """
    return ActivityConfig(
        task_queue=queues.MEDIA,
        start_to_close_timeout=max(timedelta(minutes=30), timedelta(seconds=60 * media_seconds)),
        schedule_to_close_timeout=_WHOLE,
        heartbeat_timeout=timedelta(seconds=20),
        retry_policy=_SLOW_RETRY,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=summary,
    )


def chunk(summary: str, media_seconds: float, chunks: int) -> ActivityConfig:
    """One of `chunks` encodes. Those of a long title wait behind whatever finishes another video or starts a short one.

    Without it, a video of ten seconds that arrives after a film would wait at each of its steps for a window of chunks.
    """
    config = media(summary, media_seconds)
    return config if chunks == 1 else {**config, "priority": _BULK}
