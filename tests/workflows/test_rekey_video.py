"""RekeyVideo: the old version stays until the new one is published, and goes when its last viewer has left."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import ApplicationError, CancelledError

from core.contracts import workflow_ids
from core.contracts.publish_video import DiscardInput, StepInput
from core.contracts.rekey_video import RekeyVideoInput
from core.contracts.version_ref import VersionRef
from core.contracts.video_lifecycle import DeleteVideoInput, SessionsResult
from core.domain.drm.verification import VerificationFailed
from core.domain.failures import FailureCode, VideoRejected
from core.ports import KeyServiceUnavailable
from tests.fixtures.scripted_activities import PLAN, ScriptedActivities
from tests.workflows.cancelling import cancel_requested, hold
from tests.workflows.conftest import Workers
from workflows.gateway import TemporalGateway
from workflows.rekey_video import RekeyVideo

STEPS = ["plan_rekey", "regain_tracks", "issue_keys", "package", "verify", "publish_version"]
MEDIA_STEPS = ["regain_tracks", "package", "verify"]
AFTERWARDS = ["remove_work", "sessions_left", "retire_version"]


async def start(client: Client, target: VersionRef) -> Any:
    """Re-key version 1 as version 2."""
    new = replace(target, version=2)
    await TemporalGateway(client).start_rekey(new, target)
    return client.get_workflow_handle_for(RekeyVideo.run, workflow_ids.rekey_video(new))


async def test_tracks_are_regained_and_published_and_nothing_is_encoded(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    answers = [SessionsResult(0.05), SessionsResult(0.05), SessionsResult(0)]

    async def two_viewers(_: Any) -> SessionsResult:
        return answers.pop(0)

    script.behaviours["sessions_left"] = two_viewers
    new = replace(target, version=2)
    async with workers(script):
        handle = await start(client, target)
        result = await handle.result()
        stage = (await handle.query(RekeyVideo.progress)).stage
    assert stage == "ready"
    assert (result.target, result.state, result.renditions) == (new, "ready", PLAN.renditions)
    names = script.names()
    assert names == ["begin_publish", *STEPS, "remove_work", *["sessions_left"] * 3, "retire_version"]
    messages = dict(script.calls)
    both = RekeyVideoInput(new, target)
    assert (messages["plan_rekey"], messages["regain_tracks"]) == (both, both)
    assert {messages[step].target for step in ("begin_publish", *STEPS, "remove_work")} == {new}
    assert messages["retire_version"] == StepInput(target)


@pytest.mark.parametrize("step", ["plan_rekey", "regain_tracks", "package", "publish_version"])
async def test_permanent_failure_leaves_the_old_version_published_and_nothing_of_the_new(
    client: Client, workers: Workers, target: VersionRef, step: str
) -> None:
    """Also after a failure of ours: a re-keying is not tried again as the same version, so its keys need not stay."""
    script = ScriptedActivities()

    async def fail(_: Any) -> None:
        raise VerificationFailed("video/720p/3.m4s: not what was published")

    script.behaviours[step] = fail
    async with workers(script):
        handle = await start(client, target)
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "VERIFICATION_FAILED"
    assert script.names()[-2:] == ["discard_version", "note_failure"]
    assert "retire_version" not in script.names()
    discard, note = (message for _, message in script.calls[-2:])
    assert discard == DiscardInput(replace(target, version=2), keep_original=False)
    assert (note.target, note.state, note.code) == (discard.target, "failed", "VERIFICATION_FAILED")


async def test_refused_at_the_start_undoes_nothing(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()

    async def refuse(_: Any) -> None:
        raise VideoRejected(FailureCode.CANCELLED, "it is over")

    script.behaviours["begin_publish"] = refuse
    async with workers(script):
        with pytest.raises(WorkflowFailureError):
            await (await start(client, target)).result()
    assert script.names() == ["begin_publish"]


@pytest.mark.parametrize("step", MEDIA_STEPS)
async def test_cancel_waits_for_the_step_then_leaves_nothing(
    client: Client, workers: Workers, target: VersionRef, step: str
) -> None:
    script = ScriptedActivities()
    started = script.block(step)
    new = replace(target, version=2)
    async with workers(script):
        handle = await start(client, target)
        await asyncio.wait_for(started.wait(), 20)
        gateway = TemporalGateway(client)
        await gateway.cancel_publish(new)
        await gateway.wait_for_publish(new)
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert (await handle.describe()).status is WorkflowExecutionStatus.CANCELED
    assert step in script.cancelled
    assert script.names()[-2:] == ["discard_version", "note_failure"]
    assert script.calls[-1][1].state == "cancelled"


@pytest.mark.parametrize("step", ["begin_publish", "plan_rekey", "regain_tracks", "verify"])
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
    assert script.names()[-3:] == [step, "discard_version", "note_failure"]


@pytest.mark.parametrize("step", ["publish_version", "remove_work"])
async def test_cancel_after_the_switch_still_retires_the_old_version(
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
        assert (await handle.result()).state == "ready"
    assert script.names()[-4:] == ["publish_version", *AFTERWARDS]


async def test_it_goes_on_when_the_holder_of_the_root_key_is_back(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    failures = [KeyServiceUnavailable("sealed"), KeyServiceUnavailable("sealed")]

    async def regain(_: Any) -> None:
        if failures:
            raise failures.pop()

    script.behaviours["regain_tracks"] = regain
    async with workers(script):
        assert (await (await start(client, target)).result()).state == "ready"
    assert script.names().count("regain_tracks") == 3


@pytest.mark.parametrize("step", ["regain_tracks", "package", "retire_version"])
async def test_worker_that_dies_is_replaced_and_history_goes_on(
    client: Client, workers: Workers, target: VersionRef, step: str
) -> None:
    """The second worker has no memory of the run: it replays the history and continues."""
    script = ScriptedActivities()
    started = script.block(step)
    async with workers(script):
        handle = await start(client, target)
        await asyncio.wait_for(started.wait(), 20)
    successor = ScriptedActivities()
    async with workers(successor):
        assert (await handle.result()).state == "ready"
    everything = ["begin_publish", *STEPS, *AFTERWARDS]
    assert successor.names() == everything[everything.index(step) :]


async def test_duplicate_start_joins_the_running_one(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()
    async with workers(script):
        await asyncio.gather(start(client, target), start(client, target))
        await (await start(client, target)).result()
    assert script.names().count("regain_tracks") == 1


async def test_a_deletion_stops_the_re_keying_first(client: Client, workers: Workers, target: VersionRef) -> None:
    """`stop_processing` as it really is, for every version: it finds the re-keying by the new version's number."""
    script = ScriptedActivities()
    started = script.block("regain_tracks")
    gateway = TemporalGateway(client)

    async def stop(message: DeleteVideoInput) -> None:
        for version in message.targets():
            await gateway.cancel_publish(version)
            await gateway.wait_for_publish(version)

    script.behaviours["stop_processing"] = stop
    async with workers(script):
        await start(client, target)
        await asyncio.wait_for(started.wait(), 20)
        await gateway.start_delete(DeleteVideoInput(target.organisation_id, target.video_id, (1, 2), immediately=True))
        await client.get_workflow_handle(workflow_ids.delete_video(target.organisation_id, target.video_id)).result()
    assert script.names()[-3:] == ["discard_version", "note_failure", "purge_video"]
