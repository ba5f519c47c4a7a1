"""All schedules, in one table, brought in line with the server at every start of an orchestration worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from core.contracts import queues
from workflows.housekeeping import Housekeeping
from workflows.sweep_uploads import SweepUploads

SCHEDULES: dict[str, Schedule] = {
    "housekeeping": Schedule(
        action=ScheduleActionStartWorkflow(Housekeeping.run, id="housekeeping", task_queue=queues.ORCHESTRATION),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(minutes=1))]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    ),
    # People watch for their upload to be noticed.
    "sweep-uploads": Schedule(
        action=ScheduleActionStartWorkflow(SweepUploads.run, id="sweep-uploads", task_queue=queues.ORCHESTRATION),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(seconds=15))]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    ),
}


async def reconcile_schedules(client: Client) -> None:
    """Create what is missing and overwrite what differs; several workers may do so at once."""
    for schedule_id, schedule in SCHEDULES.items():
        try:
            await client.create_schedule(schedule_id, schedule)
        except ScheduleAlreadyRunningError:
            await client.get_schedule_handle(schedule_id).update(_overwrite_with(schedule))


def _overwrite_with(schedule: Schedule) -> Callable[[ScheduleUpdateInput], ScheduleUpdate]:
    return lambda _: ScheduleUpdate(schedule)
