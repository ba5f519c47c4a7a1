"""ImportVideo: a source is fetched, and its publication started once; or nothing is left of it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError

from core.contracts import workflow_ids
from core.contracts.version_ref import VersionRef
from core.domain.failures import FailureCode, VideoRejected
from core.domain.video import VideoState
from tests.fixtures.scripted_activities import ScriptedActivities
from tests.workflows.cancelling import cancel_requested, hold
from tests.workflows.conftest import Workers
from workflows.gateway import TemporalGateway


async def test_a_fetched_source_is_published(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()
    async with workers(script):
        await TemporalGateway(client).start_import(target)
        result = await client.get_workflow_handle(workflow_ids.import_video(target)).result()
    assert result["state"] == VideoState.READY.value
    assert script.names()[:4] == ["begin_publish", "fetch_source", "begin_publish", "confirm_upload"]
    assert script.names().count("publish_version") == 1
    assert "discard_version" not in script.names()


async def test_starting_it_again_changes_nothing(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()
    reached, go_on = hold(script, "fetch_source")
    gateway = TemporalGateway(client)
    async with workers(script):
        await asyncio.gather(*(gateway.start_import(target) for _ in range(5)))
        await asyncio.wait_for(reached.wait(), 20)
        await gateway.start_import(target)
        go_on.set()
        await client.get_workflow_handle(workflow_ids.import_video(target)).result()
        await gateway.start_import(target)
        await gateway.start_publish(target)
    assert script.names().count("fetch_source") == 1
    assert script.names().count("publish_version") == 1


async def test_what_cannot_be_fetched_fails_with_its_code(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()

    async def missing(_: Any) -> None:
        raise VideoRejected(FailureCode.SOURCE_NOT_FOUND, "status 404")

    script.behaviours["fetch_source"] = missing
    async with workers(script):
        await TemporalGateway(client).start_import(target)
        with pytest.raises(WorkflowFailureError):
            await client.get_workflow_handle(workflow_ids.import_video(target)).result()
    assert script.names() == ["begin_publish", "fetch_source", "discard_version", "note_failure"]
    note = script.calls[-1][1]
    assert (note.state, note.code) == ("failed", "SOURCE_NOT_FOUND")
    assert script.calls[-2][1].keep_original is False


async def test_a_cancelled_fetch_is_undone_and_nothing_published(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    started = script.block("fetch_source")
    gateway = TemporalGateway(client)
    async with workers(script):
        await gateway.start_import(target)
        await asyncio.wait_for(started.wait(), 20)
        await gateway.cancel_publish(target)
        await gateway.wait_for_publish(target)
    assert script.cancelled == ["fetch_source"]
    assert script.names() == ["begin_publish", "fetch_source", "discard_version", "note_failure"]
    assert script.calls[-1][1].code == "CANCELLED"


async def test_a_cancel_that_the_fetch_outruns_is_not_lost(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    reached, go_on = hold(script, "fetch_source")
    async with workers(script):
        await TemporalGateway(client).start_import(target)
        handle = client.get_workflow_handle(workflow_ids.import_video(target))
        await asyncio.wait_for(reached.wait(), 20)
        await handle.cancel()
        await cancel_requested(handle)
        go_on.set()
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert "confirm_upload" not in script.names()
    assert script.calls[-1][1].code == "CANCELLED"


async def test_a_cancel_while_publishing_reaches_the_publication(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    started = script.block("transcode_chunk")
    gateway = TemporalGateway(client)
    async with workers(script):
        await gateway.start_import(target)
        await asyncio.wait_for(started.wait(), 20)
        await gateway.cancel_publish(target)
        await gateway.wait_for_publish(target)
        description = await client.get_workflow_handle(workflow_ids.import_video(target)).describe()
    assert description.status is WorkflowExecutionStatus.CANCELED
    assert script.names().count("discard_version") == 1
    assert [message.code for name, message in script.calls if name == "note_failure"] == ["CANCELLED"]


async def test_a_failed_import_may_be_started_again(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()

    async def broken(_: Any) -> None:
        raise VideoRejected(FailureCode.PROCESSING_FAILED, "ours")

    script.behaviours["fetch_source"] = broken
    gateway = TemporalGateway(client)
    handle = client.get_workflow_handle(workflow_ids.import_video(target))
    async with workers(script):
        await gateway.start_import(target)
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        assert next(message for name, message in script.calls if name == "discard_version").keep_original
        del script.behaviours["fetch_source"]
        await gateway.start_import(target)
        assert (await handle.result())["state"] == VideoState.READY.value


async def test_histories_hold_references_only(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()
    async with workers(script):
        await TemporalGateway(client).start_import(target)
        handle = client.get_workflow_handle(workflow_ids.import_video(target))
        await handle.result()
        history = await handle.fetch_history()
    inputs = [
        event.activity_task_scheduled_event_attributes.input
        for event in history.events
        if event.event_type is EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    ]
    assert len(inputs) == 2
    assert b"://" not in b"".join(payload.data for given in inputs for payload in given.payloads)
