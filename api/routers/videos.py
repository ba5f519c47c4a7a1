"""Videos: list, look at, cancel, try again, re-key, delete."""

from __future__ import annotations

from fastapi import APIRouter

from api.dependencies import Cursor, Limit, Services, VideoEditor, VideoId, VideoReader
from api.errors import responses
from api.schemas.videos import RekeyIn
from core.services.videos.cancel_processing import cancel_processing
from core.services.videos.delete_video import delete_video
from core.services.videos.get_video import get_video
from core.services.videos.list_videos import VideoPage, list_videos
from core.services.videos.rekey_video import rekey_video
from core.services.videos.retry_processing import retry_processing
from core.services.videos.video_status import VideoStatus, video_status
from core.services.videos.view import VideoDetail

router = APIRouter(prefix="/v1/videos", tags=["videos"], responses=responses(401, 422, 503))


@router.get("")
async def read_videos(caller: VideoReader, services: Services, limit: Limit = 20, cursor: Cursor = None) -> VideoPage:
    """Newest first."""
    async with services.uow() as uow:
        return await list_videos(uow, caller.organisation_id, limit, cursor)


@router.get("/{video_id}", responses=responses(404))
async def read_video(video_id: VideoId, caller: VideoReader, services: Services) -> VideoDetail:
    async with services.uow() as uow:
        return await get_video(uow, caller.organisation_id, video_id)


@router.delete("/{video_id}", status_code=202, responses=responses(404, 409))
async def delete_video_(video_id: VideoId, caller: VideoEditor, services: Services) -> VideoStatus:
    """No new session from now on; objects and keys go when the running ones have ended."""
    await delete_video(services.uow, services.gateway, caller.organisation_id, video_id)
    async with services.uow() as uow:
        return await video_status(uow, caller.organisation_id, video_id)


@router.post("/{video_id}/cancel", status_code=202, responses=responses(404, 409))
async def cancel_video(video_id: VideoId, caller: VideoEditor, services: Services) -> VideoStatus:
    """Stop uploading or processing the newest version; what was made of it is removed."""
    await cancel_processing(services.uow, services.storage, services.gateway, caller.organisation_id, video_id)
    async with services.uow() as uow:
        return await video_status(uow, caller.organisation_id, video_id)


@router.post("/{video_id}/retry", status_code=202, responses=responses(404, 409))
async def retry_video(video_id: VideoId, caller: VideoEditor, services: Services) -> VideoStatus:
    """Process the newest version again after a failure on our side. Safe to repeat."""
    await retry_processing(services.uow, services.gateway, caller.organisation_id, video_id)
    async with services.uow() as uow:
        return await video_status(uow, caller.organisation_id, video_id)


@router.post("/{video_id}/rekey", status_code=202, responses=responses(404, 409))
async def rekey_video_(
    video_id: VideoId, caller: VideoEditor, services: Services, body: RekeyIn | None = None
) -> VideoStatus:
    """Publish the video once more under new content keys, without encoding. Whoever asks meanwhile joins.

    Running sessions end under the old keys; then those are destroyed.
    """
    scheme = body.scheme if body else None
    own_keys = services.settings.speke_url is None
    await rekey_video(services.uow, services.gateway, caller.organisation_id, video_id, scheme, own_keys=own_keys)
    async with services.uow() as uow:
        return await video_status(uow, caller.organisation_id, video_id)
