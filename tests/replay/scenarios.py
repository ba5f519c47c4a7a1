"""The runs whose histories are kept: every way each workflow can end, with scripted activities."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from temporalio.client import Client, WorkflowHandle

from core.contracts import queues, workflow_ids
from core.contracts.deliver_webhook import DeliverWebhookInput, DeliveryProgress
from core.contracts.rotate_keys import Rewrapped, RotateKeysInput
from core.contracts.version_ref import VersionRef
from core.contracts.video_lifecycle import DeleteVideoInput, SessionsResult
from core.domain.failures import FailureCode, VideoRejected
from tests.fixtures.scripted_activities import ScriptedActivities
from tests.workflows.cancelling import timer_started
from workflows.gateway import TemporalGateway
from workflows.housekeeping import Housekeeping
from workflows.sweep_uploads import SweepUploads

Handle = WorkflowHandle[Any, Any]
Drive = Callable[[Client, VersionRef, ScriptedActivities], Awaitable[Handle]]


@dataclass(frozen=True)
class Scenario:
    """`drive` starts the run and does to it what the scenario is about."""

    workflow: str
    name: str
    drive: Drive


def _reject(step: str) -> Drive:
    async def drive(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
        async def fail(_: Any) -> None:
            raise VideoRejected(FailureCode.CORRUPT, "noise")

        script.behaviours[step] = fail
        return await _publish(client, target, script)

    return drive


def _cancel(step: str) -> Drive:
    async def drive(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
        started = script.block(step)
        handle = await _publish(client, target, script)
        await asyncio.wait_for(started.wait(), 20)
        await handle.cancel()
        return handle

    return drive


async def _publish(client: Client, target: VersionRef, _: ScriptedActivities) -> Handle:
    await TemporalGateway(client).start_publish(target)
    return client.get_workflow_handle(workflow_ids.publish_video(target))


def _one_viewer(script: ScriptedActivities) -> None:
    answers = [SessionsResult(0.05)]

    async def answer(_: Any) -> SessionsResult:
        return answers.pop() if answers else SessionsResult(0)

    script.behaviours["sessions_left"] = answer


async def _replace(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
    _one_viewer(script)
    new = replace(target, version=2)
    await TemporalGateway(client).start_replace(new, target)
    return client.get_workflow_handle(workflow_ids.replace_video(new))


async def _replace_rejected(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
    async def fail(_: Any) -> None:
        raise VideoRejected(FailureCode.NOT_A_VIDEO, "text")

    script.behaviours["inspect_source"] = fail
    return await _replace(client, target, script)


async def _replace_cancelled(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
    started = script.block("transcode_chunk")
    handle = await _replace(client, target, script)
    await asyncio.wait_for(started.wait(), 20)
    await handle.cancel()
    return handle


def _import(rejected: str | None = None, cancelled: str | None = None) -> Drive:
    async def drive(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
        async def fail(_: Any) -> None:
            raise VideoRejected(FailureCode.SOURCE_NOT_FOUND, "status 404")

        if rejected:
            script.behaviours[rejected] = fail
        started = script.block(cancelled) if cancelled else None
        await TemporalGateway(client).start_import(target)
        handle = client.get_workflow_handle(workflow_ids.import_video(target))
        if started:
            await asyncio.wait_for(started.wait(), 20)
            await handle.cancel()
        return handle

    return drive


def _rekey(rejected: str | None = None) -> Drive:
    async def drive(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
        async def fail(_: Any) -> None:
            raise VideoRejected(FailureCode.VERIFICATION_FAILED, "not what was published")

        _one_viewer(script)
        if rejected:
            script.behaviours[rejected] = fail
        new = replace(target, version=2)
        await TemporalGateway(client).start_rekey(new, target)
        return client.get_workflow_handle(workflow_ids.rekey_video(new))

    return drive


def _rekey_cancelled(step: str) -> Drive:
    async def drive(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
        started = script.block(step)
        handle = await _rekey()(client, target, script)
        await asyncio.wait_for(started.wait(), 20)
        await handle.cancel()
        return handle

    return drive


def _delete(*, immediately: bool) -> Drive:
    async def drive(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
        _one_viewer(script)
        message = DeleteVideoInput(target.organisation_id, target.video_id, (1, 2), immediately=immediately)
        await TemporalGateway(client).start_delete(message)
        return client.get_workflow_handle(workflow_ids.delete_video(target.organisation_id, target.video_id))

    return drive


async def _delete_failed(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
    async def fail(_: Any) -> None:
        raise VideoRejected(FailureCode.PROCESSING_FAILED, "no way on")

    script.behaviours["purge_video"] = fail
    return await _delete(immediately=True)(client, target, script)


async def _delete_cancelled(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
    started = asyncio.Event()

    async def forever(_: Any) -> SessionsResult:
        started.set()
        return SessionsResult(3000)

    handle = await _delete(immediately=False)(client, target, script)
    script.behaviours["sessions_left"] = forever
    await asyncio.wait_for(started.wait(), 20)
    await handle.cancel()
    return handle


def _rotate(organisation: bool, *pages: Rewrapped, pages_per_run: int = 500) -> Drive:
    async def drive(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
        left = list(pages)

        async def answer(_: Any) -> Rewrapped:
            return left.pop(0)

        if pages:
            script.behaviours["rewrap_secrets"] = answer
        organisation_id = target.organisation_id if organisation else None
        message = RotateKeysInput(organisation_id, pages_per_run=pages_per_run)
        await TemporalGateway(client).start_rotation(message)
        return client.get_workflow_handle(workflow_ids.rotate_keys(organisation_id))

    return drive


async def _rotate_cancelled(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
    started = script.block("rewrap_secrets")
    handle = await _rotate(organisation=True)(client, target, script)
    await asyncio.wait_for(started.wait(), 20)
    await handle.cancel()
    return handle


async def _first_run(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
    """The run that hands over to the next one."""
    drive = _rotate(True, Rewrapped("1" * 32, 1000), Rewrapped("2" * 32, 7, done=True), pages_per_run=1)
    handle = await drive(client, target, script)
    description = await handle.describe()
    return client.get_workflow_handle(
        handle.id, run_id=description.raw_description.workflow_execution_info.first_run_id
    )


async def _keep_house(client: Client, target: VersionRef, _: ScriptedActivities) -> Handle:
    return await client.start_workflow(
        Housekeeping.run, id=f"housekeeping-{target.video_id}", task_queue=queues.ORCHESTRATION
    )


async def _keep_house_in_vain(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
    async def fail(_: Any) -> None:
        raise VideoRejected(FailureCode.PROCESSING_FAILED, "no way on")

    script.behaviours["redrive"] = fail
    return await _keep_house(client, target, script)


def _deliver(*progress: DeliveryProgress) -> Drive:
    async def drive(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
        left = list(progress)

        async def answer(_: Any) -> DeliveryProgress:
            return left.pop(0)

        if progress:
            script.behaviours["attempt_delivery"] = answer
        message = DeliverWebhookInput(target.organisation_id, "e" * 32, target.video_id, "d" * 32, 1)
        await TemporalGateway(client).start_delivery(message)
        return client.get_workflow_handle(workflow_ids.deliver_webhook(message))

    return drive


async def _deliver_in_vain(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
    async def fail(_: Any) -> None:
        raise VideoRejected(FailureCode.PROCESSING_FAILED, "no way on")

    script.behaviours["attempt_delivery"] = fail
    return await _deliver()(client, target, script)


async def _deliver_cancelled(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
    started = script.block("attempt_delivery")
    handle = await _deliver()(client, target, script)
    await asyncio.wait_for(started.wait(), 20)
    await handle.cancel()
    return handle


async def _deliver_cancelled_while_waiting(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
    handle = await _deliver(DeliveryProgress(1, 3000.0))(client, target, script)
    await timer_started(handle)
    await handle.cancel()
    return handle


async def _sweep_uploads(client: Client, target: VersionRef, _: ScriptedActivities) -> Handle:
    return await client.start_workflow(
        SweepUploads.run, id=f"sweep-uploads-{target.video_id}", task_queue=queues.ORCHESTRATION
    )


async def _sweep_uploads_in_vain(client: Client, target: VersionRef, script: ScriptedActivities) -> Handle:
    async def fail(_: Any) -> None:
        raise VideoRejected(FailureCode.PROCESSING_FAILED, "no way on")

    script.behaviours["sweep_uploads"] = fail
    return await _sweep_uploads(client, target, script)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("ImportVideo", "happy_path", _import()),
    Scenario("ImportVideo", "refused", _import(rejected="begin_publish")),
    Scenario("ImportVideo", "not_found", _import(rejected="fetch_source")),
    Scenario("ImportVideo", "rejected_at_inspection", _import(rejected="inspect_source")),
    Scenario("ImportVideo", "cancelled_while_fetching", _import(cancelled="fetch_source")),
    Scenario("ImportVideo", "cancelled_while_transcoding", _import(cancelled="transcode_chunk")),
    Scenario("PublishVideo", "happy_path", _publish),
    Scenario("PublishVideo", "refused", _reject("begin_publish")),
    Scenario("PublishVideo", "rejected_at_inspection", _reject("inspect_source")),
    Scenario("PublishVideo", "failed_chunk", _reject("transcode_chunk")),
    Scenario("PublishVideo", "failed_verification", _reject("verify")),
    Scenario("PublishVideo", "cancelled_while_inspecting", _cancel("inspect_source")),
    Scenario("PublishVideo", "cancelled_while_transcoding", _cancel("transcode_chunk")),
    Scenario("PublishVideo", "cancelled_while_packaging", _cancel("package")),
    Scenario("ReplaceVideo", "happy_path", _replace),
    Scenario("ReplaceVideo", "rejected", _replace_rejected),
    Scenario("ReplaceVideo", "cancelled", _replace_cancelled),
    Scenario("RekeyVideo", "happy_path", _rekey()),
    Scenario("RekeyVideo", "refused", _rekey("begin_publish")),
    Scenario("RekeyVideo", "failed_regain", _rekey("regain_tracks")),
    Scenario("RekeyVideo", "failed_verification", _rekey("verify")),
    Scenario("RekeyVideo", "cancelled_while_regaining", _rekey_cancelled("regain_tracks")),
    Scenario("RekeyVideo", "cancelled_while_packaging", _rekey_cancelled("package")),
    Scenario("DeleteVideo", "happy_path", _delete(immediately=False)),
    Scenario("DeleteVideo", "immediately", _delete(immediately=True)),
    Scenario("DeleteVideo", "failed", _delete_failed),
    Scenario("DeleteVideo", "cancelled", _delete_cancelled),
    Scenario("RotateKeys", "tenant", _rotate(organisation=True)),
    Scenario("RotateKeys", "root", _rotate(organisation=False)),
    Scenario("RotateKeys", "incomplete", _rotate(True, Rewrapped("1" * 32, 6, 1, ("0" * 32,), done=True))),
    Scenario("RotateKeys", "cancelled", _rotate_cancelled),
    Scenario("RotateKeys", "continued", _first_run),
    Scenario("DeliverWebhook", "happy_path", _deliver()),
    Scenario("DeliverWebhook", "tried_again", _deliver(DeliveryProgress(1, 0.01), DeliveryProgress(2, done=True))),
    Scenario("DeliverWebhook", "failed", _deliver_in_vain),
    Scenario("DeliverWebhook", "cancelled_while_trying", _deliver_cancelled),
    Scenario("DeliverWebhook", "cancelled_while_waiting", _deliver_cancelled_while_waiting),
    Scenario("Housekeeping", "happy_path", _keep_house),
    Scenario("Housekeeping", "failed", _keep_house_in_vain),
    Scenario("SweepUploads", "happy_path", _sweep_uploads),
    Scenario("SweepUploads", "failed", _sweep_uploads_in_vain),
)
