"""DeliverWebhook: the duties of every workflow, with scripted attempts."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import CancelledError

from core.contracts import workflow_ids
from core.contracts.deliver_webhook import AttemptInput, CloseInput, DeliverWebhookInput, DeliveryProgress
from core.domain.errors import Conflict
from core.ports import KeyServiceUnavailable, LeasesUnavailable
from tests.fixtures.scripted_activities import Behaviour, ScriptedActivities
from tests.workflows.cancelling import hold, timer_started
from tests.workflows.conftest import Workers
from workflows.gateway import TemporalGateway


@pytest.fixture
def message() -> DeliverWebhookInput:
    return DeliverWebhookInput(*(uuid.uuid4().hex for _ in range(4)), round=1)


def answers(*progress: DeliveryProgress) -> Behaviour:
    """One a call; the last again and again."""
    left = list(progress)

    async def answer(_: Any) -> DeliveryProgress:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


async def start(client: Client, message: DeliverWebhookInput) -> WorkflowHandle[Any, Any]:
    await TemporalGateway(client).start_delivery(message)
    return client.get_workflow_handle(workflow_ids.deliver_webhook(message))


async def test_a_delivery_is_tried_until_it_is_done(
    client: Client, workers: Workers, message: DeliverWebhookInput
) -> None:
    script = ScriptedActivities()
    steps = [DeliveryProgress(1, 0.01), DeliveryProgress(1, 0.01, reserved=True), DeliveryProgress(2, done=True)]
    script.behaviours["attempt_delivery"] = answers(*steps)
    async with workers(script):
        await (await start(client, message)).result()
    assert script.names() == ["attempt_delivery"] * 3
    tried: list[AttemptInput] = [given for _, given in script.calls]
    assert [each.so_far for each in tried] == [DeliveryProgress(), *steps[:2]]
    assert all(each.delivery == message and 0 <= each.jitter < 1 for each in tried)
    assert len({each.jitter for each in tried}) == 3


async def test_a_fault_of_ours_ends_the_delivery_and_is_recorded(
    client: Client, workers: Workers, message: DeliverWebhookInput
) -> None:
    script = ScriptedActivities()

    async def refuse(_: Any) -> None:
        raise Conflict("no way on")

    script.behaviours["attempt_delivery"] = refuse
    async with workers(script):
        with pytest.raises(WorkflowFailureError):
            await (await start(client, message)).result()
    assert script.calls[-1] == ("close_delivery", CloseInput(message, "INTERNAL"))


@pytest.mark.parametrize("outage", [KeyServiceUnavailable("503"), LeasesUnavailable("ConnectionError")], ids=repr)
async def test_an_outage_of_what_we_depend_on_delays_a_delivery(
    client: Client, workers: Workers, message: DeliverWebhookInput, outage: Exception
) -> None:
    script = ScriptedActivities()
    failures = [outage]

    async def answer(_: Any) -> DeliveryProgress:
        if failures:
            raise failures.pop()
        return DeliveryProgress(1, done=True)

    script.behaviours["attempt_delivery"] = answer
    async with workers(script):
        await (await start(client, message)).result()
    assert script.names() == ["attempt_delivery"] * 2


async def test_a_cancel_while_it_is_tried_is_recorded(
    client: Client, workers: Workers, message: DeliverWebhookInput
) -> None:
    script = ScriptedActivities()
    started = script.block("attempt_delivery")
    async with workers(script):
        handle = await start(client, message)
        await asyncio.wait_for(started.wait(), 20)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert script.calls[-1] == ("close_delivery", CloseInput(message, "CANCELLED"))


async def test_a_cancel_while_it_waits_is_recorded_at_once(
    client: Client, workers: Workers, message: DeliverWebhookInput
) -> None:
    script = ScriptedActivities()
    script.behaviours["attempt_delivery"] = answers(DeliveryProgress(1, 3600))
    async with workers(script):
        handle = await start(client, message)
        await timer_started(handle)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert script.names() == ["attempt_delivery", "close_delivery"]


async def test_a_killed_worker_delays_a_delivery(
    client: Client, workers: Workers, message: DeliverWebhookInput
) -> None:
    """The next worker replays the history, and goes on where the first one was."""
    script = ScriptedActivities()
    script.behaviours["attempt_delivery"] = answers(DeliveryProgress(1, 1.0), DeliveryProgress(2, done=True))
    async with workers(script):
        handle = await start(client, message)
        await timer_started(handle)
    assert script.names() == ["attempt_delivery"]
    async with workers(script):
        await handle.result()
    assert script.names() == ["attempt_delivery"] * 2
    assert script.calls[-1][1].so_far.attempts == 1


async def test_a_duplicate_start_joins_the_running_delivery(
    client: Client, workers: Workers, message: DeliverWebhookInput
) -> None:
    script = ScriptedActivities()
    reached, go_on = hold(script, "attempt_delivery")
    async with workers(script):
        handle = await start(client, message)
        await asyncio.wait_for(reached.wait(), 20)
        await asyncio.gather(start(client, message), start(client, message))
        go_on.set()
        await handle.result()
    assert script.names() == ["attempt_delivery"]


async def test_another_round_is_another_run(client: Client, workers: Workers, message: DeliverWebhookInput) -> None:
    script = ScriptedActivities()
    async with workers(script):
        await (await start(client, message)).result()
        await (await start(client, replace(message, round=2))).result()
    assert [given.delivery.round for _, given in script.calls] == [1, 2]


async def test_a_run_goes_on_from_what_the_run_before_it_left(
    client: Client, workers: Workers, message: DeliverWebhookInput
) -> None:
    script = ScriptedActivities()
    left = DeliveryProgress(7, 0.0, reserved=True, turned_away=3)
    async with workers(script):
        await (await start(client, replace(message, so_far=left))).result()
    assert script.calls[0][1].so_far == left
    assert script.calls[0][1].delivery == message
