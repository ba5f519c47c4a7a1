"""Tags of videos (docs server/videomanagement/tags-*)."""

from __future__ import annotations

from api.compatible_route import CompatibleRouter
from api.dependencies import Services, VideoEditor, VideoReader
from api.routers.vdocipher.fields import Fields, body_of
from api.schemas.vdocipher.tags import TagsOut
from api.schemas.vdocipher.videos import Message
from core.services.tags.change_tags import TagChange, add_tags, replace_tags

router = CompatibleRouter("/api/videos/tags", "VdoCipher")

_MOST_LISTED = 10_000
_STRINGS = {"type": "array", "items": {"type": "string"}}
_CHANGE = body_of(videos=_STRINGS, tags=_STRINGS)
_DONE = Message(message="Done")


@router.get("")
async def list_tags(caller: VideoReader, services: Services) -> TagsOut:
    """Those that some video has, in order."""
    async with services.uow() as uow:
        return TagsOut(rows=list(await uow.catalogue.tags(caller.organisation_id, _MOST_LISTED)))


@router.post("", openapi_extra=_CHANGE)
async def add_tags_(caller: VideoEditor, services: Services, fields: Fields) -> Message:
    """To all of the videos, or, when one of them is not there, to none."""
    change = TagChange.from_fields(fields)
    async with services.uow() as uow:
        await add_tags(uow, caller.organisation_id, change)
        await uow.commit()
    return _DONE


@router.put("", openapi_extra=_CHANGE)
async def replace_tags_(caller: VideoEditor, services: Services, fields: Fields) -> Message:
    """Of all of the videos, or, when one of them is not there, of none."""
    change = TagChange.from_fields(fields)
    async with services.uow() as uow:
        await replace_tags(uow, caller.organisation_id, change)
        await uow.commit()
    return _DONE
