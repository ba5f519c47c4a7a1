"""PublishVideo when it is cancelled: in every step, too late, and while it cleans up."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import CancelledError

from core.contracts.version_ref import VersionRef
from core.domain.failures import FailureCode, VideoRejected
from core.ports import StorageUnavailable
from tests.fixtures.scripted_activities import ScriptedActivities
from tests.workflows.cancelling import cancel_requested, hold
from tests.workflows.conftest import Workers
from tests.workflows.publishing_steps import MEDIA_STEPS, STEPS, UNITS, start


@pytest.mark.parametrize("step", MEDIA_STEPS)
async def test_cancel_in_a_step_waits_for_it_then_leaves_nothing(
    client: Client, workers: Workers, target: VersionRef, step: str
) -> None:
    script = ScriptedActivities()
    started = script.block(step)
    async with workers(script):
        handle = await start(client, target)
        await asyncio.wait_for(started.wait(), 20)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED
    assert step in script.cancelled
    assert script.names()[-2:] == ["discard_version", "note_failure"]
    assert script.calls[-1][1].state == "cancelled"


@pytest.mark.parametrize("step", ["begin_publish", *STEPS[:-2]])
async def test_cancel_is_not_lost_when_the_step_ends_by_itself(
    client: Client, workers: Workers, target: VersionRef, step: str
) -> None:
    script = ScriptedActivities()
    reached, go_on = hold(script, step)
    async with workers(script):
        handle = await start(client, target)
        await asyncio.wait_for(reached.wait(), 20)
        await handle.cancel()
        await cancel_requested(handle)
        go_on.set()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert script.names()[-2:] == ["discard_version", "note_failure"]
    assert step in UNITS or script.names()[-3] == step, "nothing else is started after it"
    assert script.calls[-1][1].state == "cancelled"


@pytest.mark.parametrize("step", ["publish_version", "remove_work"])
async def test_cancel_after_the_switch_comes_too_late(
    client: Client, workers: Workers, target: VersionRef, step: str
) -> None:
    """Viewers may be watching: a published version is never taken apart."""
    script = ScriptedActivities()
    reached, go_on = hold(script, step)
    async with workers(script):
        handle = await start(client, target)
        await asyncio.wait_for(reached.wait(), 20)
        await handle.cancel()
        await cancel_requested(handle)
        go_on.set()
        assert (await handle.result()).state == "ready"
    assert script.names()[-2:] == ["publish_version", "remove_work"]


async def test_step_that_fails_while_being_cancelled_ends_as_cancelled(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def fail_late(_: Any) -> None:
        reached.set()
        await go_on.wait()
        raise StorageUnavailable("503")

    script.behaviours["package"] = fail_late
    async with workers(script):
        handle = await start(client, target)
        await asyncio.wait_for(reached.wait(), 20)
        await handle.cancel()
        await cancel_requested(handle)
        go_on.set()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert script.calls[-1][1].state == "cancelled"


@pytest.mark.parametrize("compensation", ["discard_version", "note_failure"])
async def test_cancel_during_compensation_does_not_lose_the_rest(
    client: Client, workers: Workers, target: VersionRef, compensation: str
) -> None:
    script = ScriptedActivities()
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def fail(_: Any) -> None:
        raise VideoRejected(FailureCode.CORRUPT, "noise")

    async def pause(_: Any) -> None:
        reached.set()
        await go_on.wait()

    script.behaviours["inspect_source"] = fail
    script.behaviours[compensation] = pause
    async with workers(script):
        handle = await start(client, target)
        await asyncio.wait_for(reached.wait(), 20)
        await handle.cancel()
        await cancel_requested(handle)
        go_on.set()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert script.names()[-2:] == ["discard_version", "note_failure"]
