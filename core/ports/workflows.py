"""The workflow service."""

from __future__ import annotations

from typing import Protocol

from core.contracts.deliver_webhook import DeliverWebhookInput
from core.contracts.version_ref import VersionRef
from core.contracts.video_lifecycle import DeleteVideoInput


class WorkflowsUnavailable(Exception):
    """The workflow service did not answer. What was committed before is found and started by a sweep later."""


class WorkflowGateway(Protocol):
    """The only way to start or stop a workflow. Every call is idempotent; all raise WorkflowsUnavailable."""

    async def start_publish(self, target: VersionRef) -> None: ...

    async def start_import(self, target: VersionRef) -> None:
        """Fetch the source from its address, then publish."""
        ...

    async def start_replace(self, target: VersionRef, previous: VersionRef) -> None:
        """Publish `target` in the place of `previous`, which stays until its last session has ended."""
        ...

    async def start_rekey(self, target: VersionRef, previous: VersionRef) -> None:
        """Publish the tracks of `previous` as `target` under new keys; `previous` stays as in a replacement."""
        ...

    async def start_delete(self, message: DeleteVideoInput) -> None: ...

    async def start_delivery(self, message: DeliverWebhookInput) -> None:
        """Deliver a webhook; a run of the same round is joined."""
        ...

    async def cancel_publish(self, target: VersionRef) -> None:
        """Ask a running publication, replacement or re-keying to stop and clean up; no error when none is running."""
        ...

    async def wait_for_publish(self, target: VersionRef) -> None:
        """Return when no publication, replacement or re-keying of the video runs, however it ended."""
        ...
