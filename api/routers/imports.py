"""Imports: name an address, and the file is fetched from there and published."""

from __future__ import annotations

from fastapi import APIRouter

from api.dependencies import Services, Uploader
from api.errors import responses
from api.idempotent_route import IdempotentRoute
from api.schemas.imports import ImportIn, ImportOut
from api.upload_limits import upload_limits
from core.adapters.egress.policy import import_policy
from core.services.imports.start_import import start_import
from core.services.uploads.new_video import NewVideo

router = APIRouter(prefix="/v1", tags=["uploads"], responses=responses(401, 422, 503), route_class=IdempotentRoute)


@router.post("/imports", status_code=202)
async def create_import(body: ImportIn, caller: Uploader, services: Services) -> ImportOut:
    """Fetch a video from an address and publish it. Cancel it, and look at it, as any other video."""
    settings = services.settings
    video = await start_import(
        services.uow,
        services.gateway,
        import_policy(settings),
        upload_limits(settings, body.scheme),
        caller.organisation_id,
        body.url,
        NewVideo(body.title, body.description),
    )
    return ImportOut(video_id=video.id, version=1, status=video.status)
