"""A long title does not hold up the others: its chunks wait behind what finishes a video or starts a short one."""

from __future__ import annotations

import asyncio
import uuid

from temporalio import activity, workflow
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from core.contracts import queues
from workflows import options

FLOWS = f"priorities-{uuid.uuid4().hex}"


@workflow.defn
class Backlog:
    """Queues units in the order given; a number is a chunk of a title of that many, "other" any other media step."""

    @workflow.run
    async def run(self, units: list[str]) -> None:
        handles = []
        for unit in units:
            config = options.media(unit) if unit == "other" else options.chunk(unit, 8.0, int(unit))
            handles.append(workflow.start_activity("note_unit", unit, **config))
        for handle in handles:
            await handle


async def test_chunks_of_a_long_title_wait_behind_everything_else(client: Client) -> None:
    done: list[str] = []

    @activity.defn(name="note_unit")
    async def note_unit(unit: str) -> None:
        done.append(unit)

    units = ["17"] * 6 + ["1", "other"]
    async with Worker(
        client,
        task_queue=FLOWS,
        workflows=[Backlog],
        workflow_runner=UnsandboxedWorkflowRunner(),
        max_cached_workflows=1,
    ):
        handle = await client.start_workflow(Backlog.run, units, id=FLOWS, task_queue=FLOWS)
        await queued(client, len(units))
        async with Worker(client, task_queue=queues.MEDIA, activities=[note_unit], max_concurrent_activities=1):
            await handle.result()
    assert sorted(done) == sorted(units)
    assert max(done.index("1"), done.index("other")) < 3, done


async def queued(client: Client, count: int) -> None:
    """Return when the server holds that many tasks for the media queue."""
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queues.MEDIA),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
        report_stats=True,
    )
    while (await client.workflow_service.describe_task_queue(request)).stats.approximate_backlog_count < count:  # noqa: ASYNC110
        await asyncio.sleep(0.1)
