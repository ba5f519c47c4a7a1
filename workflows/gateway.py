"""The one place that starts and stops workflows: ids, policies, queues and attributes are chosen here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import (
    Priority,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from core.contracts import queues, search_attributes, workflow_ids
from core.contracts.deliver_webhook import DeliverWebhookInput
from core.contracts.import_video import ImportVideoInput
from core.contracts.publish_video import PublishVideoInput
from core.contracts.rekey_video import RekeyVideoInput
from core.contracts.rotate_keys import Rewrapped, RotateKeysInput
from core.contracts.version_ref import VersionRef
from core.contracts.video_lifecycle import DeleteVideoInput, ReplaceVideoInput
from core.domain.errors import Conflict
from core.ports import WorkflowsUnavailable
from workflows.delete_video import DeleteVideo
from workflows.deliver_webhook import DeliverWebhook
from workflows.failures import failure_of
from workflows.import_video import ImportVideo
from workflows.publish_video import PublishVideo
from workflows.rekey_video import RekeyVideo
from workflows.replace_video import ReplaceVideo
from workflows.rotate_keys import RotateKeys

_AWAY = frozenset(
    {
        RPCStatusCode.UNAVAILABLE,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.CANCELLED,
    }
)


class TemporalGateway:
    """Implements `core.ports.WorkflowGateway`. Call it after the transaction that it belongs to has committed."""

    def __init__(self, client: Client, window: int = 8) -> None:
        self._client = client
        self._window = window

    async def start_publish(self, target: VersionRef) -> None:
        """Start once: a running or a successful publication of the video is left alone."""
        with _available(), suppress(WorkflowAlreadyStartedError):
            await self._client.start_workflow(
                PublishVideo.run,
                PublishVideoInput(target, window=self._window),
                id=workflow_ids.publish_video(target),
                task_queue=queues.ORCHESTRATION,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                search_attributes=_attributes(target.organisation_id, target.video_id),
                static_summary=f"publish version {target.version}",
                priority=_fair(target.organisation_id),
            )

    async def start_import(self, target: VersionRef) -> None:
        """Start once, as with publications."""
        with _available(), suppress(WorkflowAlreadyStartedError):
            await self._client.start_workflow(
                ImportVideo.run,
                ImportVideoInput(target, window=self._window),
                id=workflow_ids.import_video(target),
                task_queue=queues.ORCHESTRATION,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                search_attributes=_attributes(target.organisation_id, target.video_id),
                static_summary=f"import version {target.version}",
                priority=_fair(target.organisation_id),
            )

    async def start_replace(self, target: VersionRef, previous: VersionRef) -> None:
        with _available():
            await self._client.start_workflow(
                ReplaceVideo.run,
                ReplaceVideoInput(target, previous, window=self._window),
                id=workflow_ids.replace_video(target),
                task_queue=queues.ORCHESTRATION,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                search_attributes=_attributes(target.organisation_id, target.video_id),
                static_summary=f"replace by version {target.version}",
                priority=_fair(target.organisation_id),
            )

    async def start_rekey(self, target: VersionRef, previous: VersionRef) -> None:
        with _available():
            await self._client.start_workflow(
                RekeyVideo.run,
                RekeyVideoInput(target, previous),
                id=workflow_ids.rekey_video(target),
                task_queue=queues.ORCHESTRATION,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                search_attributes=_attributes(target.organisation_id, target.video_id),
                static_summary=f"re-key as version {target.version}",
                priority=_fair(target.organisation_id),
            )

    async def start_delete(self, message: DeleteVideoInput) -> None:
        with _available():
            await self._client.start_workflow(
                DeleteVideo.run,
                message,
                id=workflow_ids.delete_video(message.organisation_id, message.video_id),
                task_queue=queues.ORCHESTRATION,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                search_attributes=_attributes(message.organisation_id, message.video_id),
                static_summary="delete",
            )

    async def start_delivery(self, message: DeliverWebhookInput) -> None:
        """A run that has ended may be started again: it finds in the database what is left to do."""
        with _available():
            await self._client.start_workflow(
                DeliverWebhook.run,
                message,
                id=workflow_ids.deliver_webhook(message),
                task_queue=queues.EGRESS,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                search_attributes=_organisation(message.organisation_id),
                static_summary="deliver a webhook",
                priority=_fair(message.organisation_id),
            )

    async def start_rotation(self, message: RotateKeysInput) -> None:
        """Joins a rotation of the same key that runs already."""
        organisation_id = message.organisation_id
        with _available():
            await self._client.start_workflow(
                RotateKeys.run,
                message,
                id=workflow_ids.rotate_keys(organisation_id),
                task_queue=queues.ORCHESTRATION,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                search_attributes=_organisation(organisation_id) if organisation_id else None,
                static_summary="rotate the tenant's key" if organisation_id else "rotate the root key",
            )

    async def wait_for_rotation(self, organisation_id: str | None) -> Rewrapped:
        """What the newest rotation has done, over all its runs. Raises Conflict when it ended otherwise."""
        handle = self._client.get_workflow_handle(workflow_ids.rotate_keys(organisation_id), result_type=Rewrapped)
        with _available():
            try:
                done: Rewrapped = await handle.result()
            except WorkflowFailureError as error:
                raise Conflict(failure_of(error.cause)[1], code="ROTATION_INCOMPLETE") from error
        return done

    async def cancel_publish(self, target: VersionRef) -> None:
        """Ask a running publication to stop and clean up; nothing happens when none is running."""
        for workflow_id in _publications(target):
            with _available(), _missing_is_fine():
                await self._client.get_workflow_handle(workflow_id).cancel()

    async def wait_for_publish(self, target: VersionRef) -> None:
        """Return when no publication of the video runs any more, however it ended."""
        for workflow_id in _publications(target):
            with _available(), _missing_is_fine(), suppress(WorkflowFailureError):
                await self._client.get_workflow_handle(workflow_id).result()


def _publications(target: VersionRef) -> tuple[str, ...]:
    """Imports and replacements before the publication: they pass a cancel on to the one that they started."""
    return (
        workflow_ids.import_video(target),
        workflow_ids.rekey_video(target),
        workflow_ids.replace_video(target),
        workflow_ids.publish_video(target),
    )


@contextmanager
def _missing_is_fine() -> Iterator[None]:
    try:
        yield
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise


@contextmanager
def _available() -> Iterator[None]:
    """Turn "the server is away" into the port's own error; everything else is a bug and stays itself."""
    try:
        yield
    except RPCError as error:
        if error.status in _AWAY:
            raise WorkflowsUnavailable(f"Temporal answered {error.status.name}") from error
        raise


def _attributes(organisation_id: str, video_id: str) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [
            SearchAttributePair(search_attributes.ORGANISATION_ID, organisation_id),
            SearchAttributePair(search_attributes.VIDEO_ID, video_id),
        ]
    )


def _organisation(organisation_id: str) -> TypedSearchAttributes:
    return TypedSearchAttributes([SearchAttributePair(search_attributes.ORGANISATION_ID, organisation_id)])


def _fair(organisation_id: str) -> Priority:
    """One tenant's bulk upload must not starve the others (acts where the server has fairness enabled)."""
    return Priority(fairness_key=organisation_id)
