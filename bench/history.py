"""When the steps of a publication ran, read from the workflow's own history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client

from core.contracts import queues


@dataclass(frozen=True)
class ActivityRun:
    """Seconds since the epoch: when it could start, was started, and had ended. `key` tells chunks apart."""

    name: str
    queue: str
    scheduled: float
    started: float
    ended: float

    @property
    def seconds(self) -> float:
        return self.ended - self.started


async def activity_runs(client: Client, workflow_id: str) -> list[ActivityRun]:
    """All completed activities, in the order of their scheduling."""
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    scheduled, started, runs = {}, {}, []
    for event in history.events:
        at = event.event_time.ToNanoseconds() / 1e9
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            what = event.activity_task_scheduled_event_attributes
            scheduled[event.event_id] = (what.activity_type.name, what.task_queue.name, at)
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED:
            started[event.activity_task_started_event_attributes.scheduled_event_id] = at
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            origin = event.activity_task_completed_event_attributes.scheduled_event_id
            runs.append(ActivityRun(*scheduled[origin], started[origin], at))
    return sorted(runs, key=lambda run: run.scheduled)


def covered_seconds(runs: Iterable[ActivityRun], begin: float, end: float) -> float:
    """How much of [begin, end] had at least one activity of the media queue at work."""
    spans = sorted((run.started, run.ended) for run in runs if run.queue == queues.MEDIA)
    total, reached = 0.0, begin
    for start, stop in spans:
        total += max(0.0, min(stop, end) - max(start, reached))
        reached = max(reached, min(stop, end))
    return total


def seconds_by_activity(runs: Iterable[ActivityRun]) -> dict[str, float]:
    """Time between start and end, summed over activities of one type: two side by side count twice."""
    found: dict[str, float] = {}
    for run in runs:
        found[run.name] = found.get(run.name, 0.0) + run.seconds
    return found
