"""Start what a queued version waits for: the first publication, or the replacement of what is published."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.models import Video
from core.ports import WorkflowGateway


async def start_workflow(gateway: WorkflowGateway, video: Video, target: VersionRef) -> None:
    """To be called after the commit. Repeating it is harmless. Raises WorkflowsUnavailable."""
    if video.current_version is None:
        await gateway.start_publish(target)
    else:
        previous = VersionRef(target.organisation_id, target.video_id, video.current_version)
        await gateway.start_replace(target, previous)
