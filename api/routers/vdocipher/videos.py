"""Videos as VdoCipher's clients list, read, rename and delete them (docs server/videomanagement)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from api.compatible_route import CompatibleRouter
from api.dependencies import Services, VideoEditor, VideoId, VideoReader
from api.routers.vdocipher.fields import Fields, body_of
from api.schemas.vdocipher.videos import (
    CompatibleVideo,
    CompatibleVideos,
    DeletedOut,
    Message,
    compatible_video,
    compatible_videos,
)
from core.domain.access.lenient_values import refused, text, whole_number
from core.domain.folders import ROOT
from core.domain.hex_id import is_hex_id
from core.domain.tags import tags_of
from core.domain.video_filter import VideoFilter
from core.services.folders.folder_id import folder_id_of
from core.services.videos.catalogue import read_catalogue, read_entry
from core.services.videos.delete_videos import delete_videos
from core.services.videos.update_video import VideoChange, update_video

router = CompatibleRouter("/api/videos", "VdoCipher")

_PAGE = 20
_LARGEST_PAGE = 100
_MOST_DELETED = 1000
_LONGEST_SEARCH = 500
_LARGEST = 10**15

_CHANGE = body_of(title={"type": "string"}, description={"type": "string"}, tags={"type": "array"})

Text = Annotated[str | None, Query()]


@router.get("")
async def list_videos(
    caller: VideoReader,
    services: Services,
    page: Text = None,
    limit: Annotated[str | None, Query(description="At most 100, by default 20.")] = None,
    q: Annotated[str | None, Query(description="Part of a title, or of an id.")] = None,
    tags: Annotated[str | None, Query(description="All of these, with commas between them; case-sensitive.")] = None,
    tag: Text = None,
    folderId: Annotated[str | None, Query(description="A folder's id, or `root`.")] = None,  # noqa: N803
) -> CompatibleVideos:
    """Newest first."""
    folder_id = text(folderId, "folderId", 100)
    wanted = VideoFilter(
        text=text(q, "q", _LONGEST_SEARCH),
        tags=(*tags_of(tags), *tags_of(tag, "tag")),
        folder_id=None if folder_id is None else folder_id_of(folder_id),
        in_root=folder_id == ROOT,
    )
    number = max(whole_number(page, "page", -_LARGEST, _LARGEST) or 1, 1)
    most = whole_number(limit, "limit", -_LARGEST, _LARGEST) or _PAGE
    async with services.uow() as uow:
        found = await read_catalogue(
            uow, caller.organisation_id, wanted, number, min(most if most > 0 else _PAGE, _LARGEST_PAGE)
        )
    return compatible_videos(found, services.settings.public_url)


@router.get("/{video_id}")
async def read_video(video_id: VideoId, caller: VideoReader, services: Services) -> CompatibleVideo:
    async with services.uow() as uow:
        entry = await read_entry(uow, caller.organisation_id, video_id)
    return compatible_video(entry, services.settings.public_url)


@router.post("/{video_id}", openapi_extra=_CHANGE)
async def change_video(video_id: VideoId, caller: VideoEditor, services: Services, fields: Fields) -> Message:
    """What is not named stays as it is."""
    change = VideoChange.from_fields(fields)
    async with services.uow() as uow:
        await update_video(uow, caller.organisation_id, video_id, change)
        await uow.commit()
    return Message(message="Successfully updated")


@router.delete("")
async def remove_videos(
    caller: VideoEditor,
    services: Services,
    videos: Annotated[
        str | None, Query(description="Ids with commas between them; unknown ones are passed over.")
    ] = None,
) -> DeletedOut:
    """No new session from now on; objects and keys go when the running ones have ended."""
    ids = {part.strip() for part in (videos or "").split(",") if part.strip()}
    if not ids:
        raise refused("videos", "name the videos to delete: ?videos=id1,id2")
    if len(ids) > _MOST_DELETED:
        raise refused("videos", f"must not be more than {_MOST_DELETED} at once")
    known = sorted(each for each in ids if is_hex_id(each))
    number = await delete_videos(services.uow, services.gateway, caller.organisation_id, known)
    return DeletedOut(message=f"Successfully deleted {number} videos")
