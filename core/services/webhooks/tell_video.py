"""Tell of a video's states and of its uploads, in the transaction that changes them."""

from __future__ import annotations

from typing import Any

from core.db.models import Video, VideoVersion
from core.db.unit_of_work import UnitOfWork
from core.domain.failures import SENTENCES, FailureCode
from core.domain.video import VideoState
from core.domain.webhooks.event import NewEvent
from core.domain.webhooks.event_types import EventType
from core.domain.webhooks.message import instant

_OF_STATE = {
    VideoState.QUEUED: EventType.VIDEO_QUEUED,
    VideoState.PROCESSING: EventType.VIDEO_PROCESSING,
    VideoState.READY: EventType.VIDEO_READY,
    VideoState.FAILED: EventType.VIDEO_FAILED,
    VideoState.CANCELLED: EventType.VIDEO_CANCELLED,
}


async def tell_state(uow: UnitOfWork, video: Video, version: VideoVersion) -> None:
    """Of the state that the version has just come to. The caller holds the video's lock, and commits."""
    payload = _video(video, version)
    if version.status is VideoState.FAILED:
        code = FailureCode(version.failure_code or FailureCode.PROCESSING_FAILED)
        payload["failure"] = {"code": code.value, "sentence": SENTENCES[code]}
    await uow.outbox.add(NewEvent(video.organisation_id, _OF_STATE[version.status], video.id, payload))


async def tell_deleted(uow: UnitOfWork, video: Video, newest: VideoVersion) -> None:
    """The caller holds the video's lock, and commits."""
    await uow.outbox.add(NewEvent(video.organisation_id, EventType.VIDEO_DELETED, video.id, _video(video, newest)))


async def tell_upload(uow: UnitOfWork, event_type: EventType, version: VideoVersion) -> None:
    """The caller commits."""
    payload = {
        "video_id": version.video_id,
        "version": version.version,
        "filename": version.source_filename,
        "size": version.source_size,
    }
    await uow.outbox.add(NewEvent(version.organisation_id, event_type, version.video_id, payload))


def _video(video: Video, version: VideoVersion) -> dict[str, Any]:
    return {
        "video_id": video.id,
        "version": version.version,
        "current_version": video.current_version,
        "title": video.title,
        "status": version.status.value,
        "duration": video.duration,
        "tags": video.tags or None,
        "created_at": instant(video.created_at),
    }
