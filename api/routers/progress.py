"""Progress of a publication, once or as a stream of events."""

from __future__ import annotations

from fastapi import APIRouter
from sse_starlette import EventSourceResponse

from api.dependencies import Services, VideoId, VideoReader
from api.errors import responses
from api.progress_events import progress_events
from core.services.progress.read_progress import VideoProgress, read_progress

router = APIRouter(prefix="/v1/videos", tags=["progress"], responses=responses(401, 404, 422, 503))

#: Shorter than the read timeout of common clients.
_PING_SECONDS = 4


@router.get("/{video_id}/progress")
async def read_video_progress(video_id: VideoId, caller: VideoReader, services: Services) -> VideoProgress:
    """Of the newest version."""
    async with services.uow() as uow:
        return await read_progress(uow, caller.organisation_id, video_id, services.clock.now())


@router.get(
    "/{video_id}/progress/events",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def stream_video_progress(video_id: VideoId, caller: VideoReader, services: Services) -> EventSourceResponse:
    """`progress` events with the same JSON, one a change, then one `final` event. Reconnecting is harmless."""
    async with services.uow() as uow:
        first = await read_progress(uow, caller.organisation_id, video_id, services.clock.now())
    events = progress_events(services, caller.organisation_id, video_id, first)
    return EventSourceResponse(events, ping=_PING_SECONDS, headers={"X-Accel-Buffering": "no"})
