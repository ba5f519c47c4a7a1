"""A real Temporal server (the CLI's dev server) shared by the workflow tests, and workers per test."""

from __future__ import annotations

import sys
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import (
    SandboxedWorkflowRunner,
    SandboxRestrictions,
)
from temporalio.workflow import SandboxImportNotificationPolicy

from core.contracts import queues, search_attributes
from core.contracts.version_ref import VersionRef
from tests.fixtures.scripted_activities import ScriptedActivities
from workers.client import DATA_CONVERTER
from workers.interceptors import TranslateErrors
from workers.registry import DELIVERED, WORKFLOWS

Workers = Callable[[ScriptedActivities], AbstractAsyncContextManager[None]]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def server() -> AsyncIterator[str]:
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(Path(sys.executable).with_name("temporal")),
        search_attributes=list(search_attributes.ALL),
        # Priorities hold within a partition of a queue; with one, a test can tell the order.
        dev_server_extra_args=[
            "--dynamic-config-value",
            "matching.numTaskqueueReadPartitions=1",
            "--dynamic-config-value",
            "matching.numTaskqueueWritePartitions=1",
        ],
    ) as running:
        yield running.client.service_client.config.target_host


@pytest.fixture
async def client(server: str) -> Client:
    return await Client.connect(server, data_converter=DATA_CONVERTER)


@pytest.fixture
def target() -> VersionRef:
    return VersionRef(uuid.uuid4().hex, uuid.uuid4().hex, 1)


@pytest.fixture
def workers(client: Client) -> Workers:
    """Run all fleets with scripted activities, in the strict sandbox, until the block ends."""

    @asynccontextmanager
    async def run(script: ScriptedActivities) -> AsyncIterator[None]:
        restrictions = SandboxRestrictions.default.with_import_notification_policy(
            SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
        )
        flows, egress, imports = (
            Worker(
                client,
                task_queue=queue,
                workflows=list(workflows),
                activities=script.all(),
                workflow_runner=SandboxedWorkflowRunner(restrictions=restrictions),
                # A bug fails the run instead of retrying its task until the test times out.
                workflow_failure_exception_types=[Exception],
                interceptors=[TranslateErrors()],
                max_heartbeat_throttle_interval=timedelta(milliseconds=50),
                default_heartbeat_throttle_interval=timedelta(milliseconds=50),
            )
            for queue, workflows in (
                (queues.ORCHESTRATION, WORKFLOWS),
                (queues.EGRESS, DELIVERED),
                (queues.IMPORTS, ()),
            )
        )
        media = Worker(
            client,
            task_queue=queues.MEDIA,
            activities=script.all(),
            interceptors=[TranslateErrors()],
            max_heartbeat_throttle_interval=timedelta(milliseconds=50),
            default_heartbeat_throttle_interval=timedelta(milliseconds=50),
        )
        async with flows, egress, imports, media:
            yield

    return run
