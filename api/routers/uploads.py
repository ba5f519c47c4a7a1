"""Uploads: announce a file, send its parts to the object store, say when all are there."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from api.dependencies import Services, Uploader, VideoEditor, VideoId
from api.errors import responses
from api.idempotent_route import IdempotentRoute
from api.schemas.uploads import CompletedOut, PartOut, PartsIn, PartsOut, SourceFileIn, UploadIn, UploadOut
from api.upload_limits import upload_limits
from core.services.uploads.abort_upload import abort_upload
from core.services.uploads.complete_upload import complete_upload
from core.services.uploads.presign_parts import presign_parts
from core.services.uploads.start_replacement import start_replacement
from core.services.uploads.start_upload import SourceFile, StartedUpload, start_upload
from core.services.videos.video_status import video_status

router = APIRouter(prefix="/v1", tags=["uploads"], responses=responses(401, 422, 503), route_class=IdempotentRoute)


@router.post("/uploads", status_code=201, responses=responses(413))
async def create_upload(body: UploadIn, caller: Uploader, services: Services) -> UploadOut:
    """Announce a new video."""
    started = await start_upload(
        services.uow,
        services.storage,
        caller.organisation_id,
        body.title or body.filename,
        body.description,
        _source(body),
        upload_limits(services.settings, body.scheme, body.crypto_period_seconds),
    )
    return _upload_out(started)


@router.post("/videos/{video_id}/replacement", status_code=201, responses=responses(404, 409, 413))
async def create_replacement(
    video_id: VideoId, body: SourceFileIn, caller: VideoEditor, services: Services
) -> UploadOut:
    """Announce a new version of a published video; send it with the upload routes of the same video id."""
    started = await start_replacement(
        services.uow,
        services.storage,
        caller.organisation_id,
        video_id,
        _source(body),
        upload_limits(services.settings, body.scheme, body.crypto_period_seconds),
    )
    return _upload_out(started)


@router.post("/uploads/{video_id}/parts", responses=responses(404, 409))
async def create_part_urls(video_id: VideoId, body: PartsIn, caller: Uploader, services: Services) -> PartsOut:
    """Addresses for up to 1000 parts. Ask again for parts whose address has expired."""
    seconds = services.settings.upload_url_ttl_seconds
    async with services.uow() as uow:
        parts = await presign_parts(
            uow, services.storage, caller.organisation_id, video_id, body.parts, timedelta(seconds=seconds)
        )
    return PartsOut(
        parts=[PartOut(number=part.number, size=part.size, url=part.url) for part in parts], expires_in=seconds
    )


@router.post("/uploads/{video_id}/complete", status_code=202, responses=responses(404, 409))
async def create_completion(video_id: VideoId, caller: Uploader, services: Services) -> CompletedOut:
    """Join the parts and queue the video. Safe to repeat."""
    target = await complete_upload(services.uow, services.storage, services.gateway, caller.organisation_id, video_id)
    async with services.uow() as uow:
        status = await video_status(uow, caller.organisation_id, video_id)
    return CompletedOut(video_id=target.video_id, version=target.version, status=status.status)


@router.delete("/uploads/{video_id}", status_code=204, responses=responses(404, 409))
async def delete_upload(video_id: VideoId, caller: Uploader, services: Services) -> None:
    """Give up an upload that is not complete."""
    await abort_upload(services.uow, services.storage, caller.organisation_id, video_id)


def _source(body: SourceFileIn) -> SourceFile:
    return SourceFile(body.filename, body.size, body.content_type, body.sha256)


def _upload_out(started: StartedUpload) -> UploadOut:
    return UploadOut(
        video_id=started.target.video_id,
        version=started.target.version,
        part_size=started.parts.part_size,
        part_count=started.parts.count,
    )
