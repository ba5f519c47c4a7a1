"""Deliveries over the real database, Redis, guarded client and relay: a receiver down for a day, a worker killed."""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.webhooks import WebhookActivities
from cli.stack.supervisor import StackEndpoints
from core.adapters.local_root_key import LocalRootKey
from core.contracts import queues, workflow_ids
from core.contracts.deliver_webhook import DeliverWebhookInput
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.webhooks.delivery import DELAYS, JITTER, DeliveryState
from core.settings import Settings
from tests.fixtures.database import database_url, uow_factory
from tests.fixtures.loopback import Answer, Asked
from tests.fixtures.processes import Process
from tests.fixtures.recording_gateway import RecordingGateway
from tests.fixtures.waiting import until
from tests.fixtures.webhook_site import OK, WebhookSite, verified, webhook_site
from workers.client import DATA_CONVERTER
from workers.interceptors import TranslateErrors
from workflows.deliver_webhook import DeliverWebhook

pytestmark = pytest.mark.stack

__all__ = ["database_url", "uow_factory"]


@dataclass
class ServersClock:
    """In an activity, the time of the server that skips time."""

    start: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return activity.info().started_time if activity.in_activity() else self.start


class SkippingGateway(RecordingGateway):
    """Starts deliveries on a server that skips time, which knows no search attributes."""

    def __init__(self, client: Client) -> None:
        super().__init__()
        self._client = client
        self.runs: list[Any] = []

    async def start_delivery(self, message: DeliverWebhookInput) -> None:
        run = await self._client.start_workflow(
            DeliverWebhook.run, message, id=workflow_ids.deliver_webhook(message), task_queue=queues.EGRESS
        )
        self.runs.append(run)


@asynccontextmanager
async def skipped_time(site: WebhookSite) -> AsyncIterator[SkippingGateway]:
    """A server that skips time, with an egress worker."""
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(Path(sys.executable).with_name("temporal-test-server")),
        data_converter=DATA_CONVERTER,
    ) as skipping:
        webhooks = WebhookActivities(site.tools)
        async with Worker(
            skipping.client,
            task_queue=queues.EGRESS,
            workflows=[DeliverWebhook],
            activities=[webhooks.attempt_delivery, webhooks.close_delivery],
            interceptors=[TranslateErrors()],
        ):
            yield SkippingGateway(skipping.client)


async def test_a_receiver_that_is_down_for_a_day_gets_everything_once_on_the_documented_schedule(
    settings: Settings, uow_factory: UnitOfWorkFactory
) -> None:
    tried: dict[str, list[int]] = {}
    taken: list[str] = []

    def down_for_a_day(asked: Asked) -> Answer:
        event_id, at = asked.headers["webhook-id"], int(asked.headers["webhook-timestamp"])
        times = tried.setdefault(event_id, [])
        times.append(at)
        if at - times[0] < 24 * 3600:
            return Answer(503, b"")
        taken.append(event_id)
        return OK

    async with webhook_site(settings, uow_factory, ServersClock()) as site, skipped_time(site) as gateway:
        site.receiver.answer = down_for_a_day
        await site.endpoint()
        for _ in range(5):
            await site.tell()
        await site.relay(gateway)
        for run in gateway.runs:
            await run.result()
        rows = await site.deliveries()
    assert len(rows) == 5
    assert {(row.state, row.attempts) for row in rows} == {(DeliveryState.DELIVERED, 8)}
    assert sorted(taken) == sorted(row.event_id for row in rows)
    for times in tried.values():
        waits = [timedelta(seconds=later - earlier) for earlier, later in pairwise(times)]
        for wait, planned in zip(waits, DELAYS[1:8], strict=True):
            # Timestamps are whole seconds, and the test server's clock runs on while the receiver answers.
            assert planned - timedelta(seconds=1) <= wait <= planned * (1 + JITTER) + timedelta(seconds=60)


async def test_a_receiver_that_stays_down_is_given_up_after_three_days(
    settings: Settings, uow_factory: UnitOfWorkFactory
) -> None:
    async with webhook_site(settings, uow_factory, ServersClock()) as site, skipped_time(site) as gateway:
        site.receiver.always(500)
        await site.endpoint()
        await site.tell()
        await site.relay(gateway)
        await gateway.runs[0].result()
        [row] = await site.deliveries()
    assert (row.state, row.reason, row.attempts) == (DeliveryState.FAILED, "EXHAUSTED", 10)
    times = [int(asked.headers["webhook-timestamp"]) for asked in site.receiver.asked]
    assert timedelta(hours=75, minutes=35) <= timedelta(seconds=times[-1] - times[0]) <= timedelta(hours=84)
    assert site.receiver.event_ids() == [row.event_id] * 10


@pytest.mark.timeout(400)  # two processes start, and a heartbeat has to be missed
async def test_a_worker_that_is_killed_while_it_delivers_loses_nothing(
    settings: Settings,
    stack: StackEndpoints,
    database_url: str,
    uow_factory: UnitOfWorkFactory,
    tmp_path: Path,
) -> None:
    """As processes: told while none runs, killed while the receiver has the message, finished by the next."""
    (tmp_path / "root.key").write_text("5" * 64)
    reached, answers = threading.Event(), threading.Event()

    def hold_the_first(_: Asked) -> Answer:
        if not reached.is_set():
            reached.set()
            answers.wait(60)
        return OK

    async with webhook_site(settings, uow_factory, vault=LocalRootKey.from_file(tmp_path / "root.key")) as site:
        site.receiver.answer = hold_the_first
        made = await site.endpoint()
        await site.tell()
        environment = {
            **stack.as_environment(),
            "DATABASE_URL": database_url,
            "SEALCAST_ROOT_KEY_FILE": str(tmp_path / "root.key"),
            "SEALCAST_EGRESS_ALLOW_NETWORKS": "127.0.0.0/8",
            "SEALCAST_EGRESS_PORTS": site.receiver.url.rpartition(":")[2],
        }
        first = worker(environment, tmp_path / "first.log")
        await until(reached.is_set)
        first.kill()
        answers.set()
        [row] = await site.deliveries()
        assert (row.state, row.attempts) == (DeliveryState.PENDING, 0)
        second = worker(environment, tmp_path / "second.log")
        try:
            await until(lambda: len(site.receiver.asked) == 2)

            async def delivered() -> bool:
                return (await site.deliveries())[0].state is DeliveryState.DELIVERED

            await until(delivered)
        finally:
            assert second.stop() == 0
        assert site.receiver.event_ids() == [row.event_id] * 2
        assert verified(site.receiver.asked[1], made.secret)["type"] == "upload.finished"
        assert made.secret not in (tmp_path / "first.log").read_text() + (tmp_path / "second.log").read_text()


def worker(environment: Mapping[str, str], log: Path) -> Process:
    return Process(["worker", "egress"], environment, log)
