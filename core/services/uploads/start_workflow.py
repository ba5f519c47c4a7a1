"""Start what a queued version waits for: import, publication, replacement of what is published, or its re-keying."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.models import Video, VideoVersion
from core.ports import WorkflowGateway


async def start_workflow(gateway: WorkflowGateway, video: Video, version: VideoVersion) -> None:
    """To be called after the commit. Repeating it is harmless. Raises WorkflowsUnavailable."""
    target = VersionRef(version.organisation_id, version.video_id, version.version)
    if version.import_pending:
        await gateway.start_import(target)
    elif version.rekeyed_from is not None:
        await gateway.start_rekey(target, VersionRef(target.organisation_id, target.video_id, version.rekeyed_from))
    elif video.current_version is None:
        await gateway.start_publish(target)
    else:
        previous = VersionRef(target.organisation_id, target.video_id, video.current_version)
        await gateway.start_replace(target, previous)
