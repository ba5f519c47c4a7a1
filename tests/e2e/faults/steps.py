"""What the history of a publication tells about its activities."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import Payloads
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHandle


@dataclass
class ActivityRecord:
    """One activity. `attempts` is known once it has ended: the server writes the last one only. Times are seconds."""

    name: str
    message: dict[str, Any]
    attempts: int = 0
    result: dict[str, Any] | None = None
    cancel_requested_at: float = 0.0
    ended_at: float = 0.0


async def activities(workflow: WorkflowHandle[Any, Any], name: str = "") -> list[ActivityRecord]:
    """In order of their scheduling; only those of the name, if one is given."""
    found: dict[int, ActivityRecord] = {}
    for event in (await workflow.fetch_history()).events:
        _note(event, found)
    return [record for record in found.values() if name in {"", record.name}]


async def attempt_under_way(workflow: WorkflowHandle[Any, Any], name: str) -> tuple[int, str]:
    """Attempt and last failure's type of an activity that has not ended; zero when there is none of the name."""
    description = (await workflow.describe()).raw_description
    for pending in description.pending_activities:
        if pending.activity_type.name == name:
            return pending.attempt, pending.last_failure.application_failure_info.type
    return 0, ""


def _note(event: HistoryEvent, found: dict[int, ActivityRecord]) -> None:
    kind = event.WhichOneof("attributes") or ""
    if kind == "activity_task_scheduled_event_attributes":
        scheduled = event.activity_task_scheduled_event_attributes
        found[event.event_id] = ActivityRecord(scheduled.activity_type.name, _decoded(scheduled.input))
        return
    body = getattr(event, kind)
    record = found.get(getattr(body, "scheduled_event_id", 0))
    if record is None or not kind.startswith("activity_task_"):
        return
    at = event.event_time.ToMicroseconds() / 1e6
    if kind == "activity_task_started_event_attributes":
        record.attempts = body.attempt
    elif kind == "activity_task_cancel_requested_event_attributes":
        record.cancel_requested_at = at
    else:
        record.ended_at = at
    if kind == "activity_task_completed_event_attributes":
        record.result = _decoded(body.result)


def _decoded(payloads: Payloads) -> dict[str, Any]:
    """Messages are JSON objects; nothing at all counts as an empty one."""
    data = payloads.payloads[0].data if payloads.payloads else b""
    decoded: dict[str, Any] = json.loads(data or b"{}")
    return decoded
