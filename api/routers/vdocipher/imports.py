"""Import by URL as VdoCipher has it (docs server/upload/import-url)."""

from __future__ import annotations

from fastapi import Request

from api.bounded_body import read_fields
from api.compatible_route import CompatibleRouter
from api.dependencies import Services, Uploader
from api.schemas.imports import IMPORT_REQUEST, ImportedOut
from api.upload_limits import upload_limits
from core.adapters.egress.policy import import_policy
from core.domain.import_request import import_request
from core.services.folders.folder_id import folder_id_of
from core.services.imports.start_import import start_import
from core.services.uploads.new_video import NewVideo

router = CompatibleRouter("/api/videos", "uploads")

_MOST_BYTES = 64 * 1024
_REQUEST = {
    "requestBody": {
        "required": True,
        "content": {
            media_type: {"schema": IMPORT_REQUEST}
            for media_type in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")
        },
    }
}


@router.put("/importUrl", openapi_extra=_REQUEST)
async def import_url(request: Request, caller: Uploader, services: Services) -> ImportedOut:
    """Fetch a video from an address and publish it."""
    wanted = import_request(await read_fields(request, _MOST_BYTES))
    settings = services.settings
    video = await start_import(
        services.uow,
        services.gateway,
        import_policy(settings),
        upload_limits(settings),
        caller.organisation_id,
        wanted.url,
        NewVideo(wanted.title, folder_id=folder_id_of(wanted.folder)),
    )
    return ImportedOut(
        id=video.id,
        title=video.title,
        description=video.description,
        upload_time=int(video.created_at.timestamp()),
    )
