"""`make histories`: record the history of every scenario. Run it only when a workflow's commands changed on purpose."""

from __future__ import annotations

import asyncio
import sys
import uuid
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client, WorkflowFailureError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from core.contracts import queues, search_attributes
from core.contracts.version_ref import VersionRef
from tests.fixtures.scripted_activities import ScriptedActivities
from tests.replay.scenarios import SCENARIOS, Scenario
from workers.client import DATA_CONVERTER
from workers.interceptors import TranslateErrors
from workers.registry import DELIVERED, WORKFLOWS

ROOT = Path(__file__).parents[2]
HISTORIES = Path(__file__).parent / "histories"
_THROTTLE = timedelta(milliseconds=50)


async def record(client: Client, scenario: Scenario) -> None:
    script = ScriptedActivities()
    target = VersionRef(uuid.uuid4().hex, uuid.uuid4().hex, 1)
    activities = script.all()
    flows, egress, imports = (
        Worker(
            client,
            task_queue=queue,
            workflows=list(workflows),
            activities=activities,
            interceptors=[TranslateErrors()],
            max_heartbeat_throttle_interval=_THROTTLE,
            default_heartbeat_throttle_interval=_THROTTLE,
        )
        for queue, workflows in ((queues.ORCHESTRATION, WORKFLOWS), (queues.EGRESS, DELIVERED), (queues.IMPORTS, ()))
    )
    media = Worker(
        client,
        task_queue=queues.MEDIA,
        activities=activities,
        interceptors=[TranslateErrors()],
        max_heartbeat_throttle_interval=_THROTTLE,
        default_heartbeat_throttle_interval=_THROTTLE,
    )
    async with flows, egress, imports, media:
        handle = await scenario.drive(client, target, script)
        try:
            await handle.result()
        except WorkflowFailureError as error:
            print(f"  ended: {type(error.cause).__name__}")
    path = HISTORIES / scenario.workflow / f"{scenario.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    # Stack traces are part of a history; where this checkout lies is nobody's business.
    text = (await handle.fetch_history()).to_json().replace(f"{ROOT}/", "")
    path.write_text(text + "\n", encoding="utf-8")
    print(path.relative_to(HISTORIES))


async def main() -> None:
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).with_name("temporal")),
        data_converter=DATA_CONVERTER,
        search_attributes=list(search_attributes.ALL),
    ) as environment:
        for scenario in SCENARIOS:
            await record(environment.client, scenario)


if __name__ == "__main__":
    asyncio.run(main())
