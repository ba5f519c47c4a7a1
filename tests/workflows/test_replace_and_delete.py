"""ReplaceVideo and DeleteVideo: running sessions are never broken, everything else goes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.service import RPCError

from core.contracts import workflow_ids
from core.contracts.version_ref import VersionRef
from core.contracts.video_lifecycle import DeleteVideoInput, SessionsResult
from core.domain.failures import FailureCode, VideoRejected
from core.ports import StorageUnavailable
from tests.fixtures.scripted_activities import ScriptedActivities
from tests.workflows.conftest import Workers
from workflows.gateway import TemporalGateway


def two_viewers(script: ScriptedActivities) -> None:
    """The first two questions find an open session, the third finds none."""
    answers = [SessionsResult(0.05), SessionsResult(0.05), SessionsResult(0)]

    async def answer(_: Any) -> SessionsResult:
        return answers.pop(0) if answers else SessionsResult(0)

    script.behaviours["sessions_left"] = answer


async def test_replacement_retires_the_old_version_after_its_last_session(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    two_viewers(script)
    new = replace(target, version=2)
    async with workers(script):
        await TemporalGateway(client).start_replace(new, target)
        result = await client.get_workflow_handle(workflow_ids.replace_video(new)).result()
    assert result["target"]["version"] == 2
    names = script.names()
    assert names.index("publish_version") < names.index("sessions_left") < names.index("retire_version")
    assert names.count("sessions_left") == 3
    assert script.calls[-1][1].target == target


async def test_failed_replacement_leaves_the_old_version_published(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()

    async def reject(_: Any) -> None:
        raise VideoRejected(FailureCode.NOT_A_VIDEO, "text")

    script.behaviours["inspect_source"] = reject
    new = replace(target, version=2)
    async with workers(script):
        await TemporalGateway(client).start_replace(new, target)
        with pytest.raises(WorkflowFailureError):
            await client.get_workflow_handle(workflow_ids.replace_video(new)).result()
    assert "retire_version" not in script.names()
    discarded = next(message for name, message in script.calls if name == "discard_version")
    assert discarded.target == new


async def test_cancelled_replacement_cleans_up_the_new_version_only(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    started = script.block("transcode_chunk")
    new = replace(target, version=2)
    async with workers(script):
        gateway = TemporalGateway(client)
        await gateway.start_replace(new, target)
        await asyncio.wait_for(started.wait(), 20)
        await gateway.cancel_publish(new)
        await gateway.wait_for_publish(new)
    assert [message.target for name, message in script.calls if name == "discard_version"] == [new]
    assert "retire_version" not in script.names()


async def test_cancel_after_the_switch_still_retires_the_old_version(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    """The new version was published all the same: without this, nobody would ever remove the old one."""
    script = ScriptedActivities()
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def pause(_: Any) -> None:
        reached.set()
        await go_on.wait()

    script.behaviours["publish_version"] = pause
    new = replace(target, version=2)
    async with workers(script):
        gateway = TemporalGateway(client)
        await gateway.start_replace(new, target)
        await asyncio.wait_for(reached.wait(), 20)
        await gateway.cancel_publish(new)
        go_on.set()
        await client.get_workflow_handle(workflow_ids.replace_video(new)).result()
    assert "discard_version" not in script.names()
    assert script.calls[-1][0] == "retire_version"


async def test_duplicate_replacement_joins_the_running_one(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    new = replace(target, version=2)
    async with workers(script):
        gateway = TemporalGateway(client)
        await asyncio.gather(gateway.start_replace(new, target), gateway.start_replace(new, target))
        await gateway.wait_for_publish(new)
    assert script.names().count("begin_publish") == 1


def deletion(target: VersionRef, *, immediately: bool = False) -> DeleteVideoInput:
    return DeleteVideoInput(target.organisation_id, target.video_id, (1, 2), immediately=immediately)


async def run_deletion(client: Client, message: DeleteVideoInput) -> None:
    await TemporalGateway(client).start_delete(message)
    await client.get_workflow_handle(workflow_ids.delete_video(message.organisation_id, message.video_id)).result()


async def test_deletion_waits_for_sessions_of_every_version_then_purges(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    two_viewers(script)
    async with workers(script):
        await run_deletion(client, deletion(target))
    assert script.names() == ["stop_processing", *["sessions_left"] * 4, "purge_video"]


async def test_immediate_deletion_does_not_wait(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()
    async with workers(script):
        await run_deletion(client, deletion(target, immediately=True))
    assert script.names() == ["stop_processing", "purge_video"]


async def test_deletion_goes_on_until_storage_is_back(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()
    failures = [StorageUnavailable("503"), StorageUnavailable("503")]

    async def purge(_: Any) -> None:
        if failures:
            raise failures.pop()

    script.behaviours["purge_video"] = purge
    async with workers(script):
        await run_deletion(client, deletion(target, immediately=True))
    assert script.names().count("purge_video") == 3


async def test_duplicate_deletion_joins_the_running_one(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()
    async with workers(script):
        message = deletion(target, immediately=True)
        await asyncio.gather(run_deletion(client, message), run_deletion(client, message))
    assert script.names().count("purge_video") == 1


async def test_cancelling_what_does_not_run_is_no_error(client: Client, target: VersionRef) -> None:
    gateway = TemporalGateway(client)
    await gateway.cancel_publish(target)
    await gateway.wait_for_publish(target)
    with pytest.raises(RPCError):
        await client.get_workflow_handle(workflow_ids.publish_video(target)).describe()
