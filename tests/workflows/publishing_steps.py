"""The steps of PublishVideo, and how a test starts it."""

from __future__ import annotations

from typing import Any

from temporalio.client import Client

from core.contracts.version_ref import VersionRef
from workflows.gateway import TemporalGateway
from workflows.publish_video import PublishVideo

STEPS = [
    "confirm_upload",
    "inspect_source",
    "plan_video",
    "index_source",
    "transcode_chunk",
    "transcode_audio",
    "extract_subtitle",
    "assemble",
    "make_storyboard",
    "issue_keys",
    "package",
    "verify",
    "publish_version",
    "remove_work",
]
MEDIA_STEPS = [
    "inspect_source",
    "index_source",
    "transcode_chunk",
    "transcode_audio",
    "extract_subtitle",
    "assemble",
    "make_storyboard",
    "package",
    "verify",
]

UNITS = {"transcode_chunk", "transcode_audio", "extract_subtitle"}
"""They run beside each other."""


async def start(client: Client, target: VersionRef) -> Any:
    await TemporalGateway(client).start_publish(target)
    return client.get_workflow_handle_for(PublishVideo.run, f"video/{target.organisation_id}/{target.video_id}")
