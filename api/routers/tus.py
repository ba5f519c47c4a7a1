"""Resumable uploads by tus 1.0.0: any tus client works. The file goes to the object store while it comes in."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from starlette.exceptions import HTTPException

from api.dependencies import Services, Uploader
from api.errors import responses
from api.schemas.tus import announced_by, headers_of, number_of
from api.services import ApiServices
from api.tus_protocol import MEDIA_TYPE, PREFIX
from api.upload_body import body_pieces
from api.upload_limits import upload_limits
from core.db.models import ResumableUpload
from core.domain.tus.checksum import ExpectedChecksum
from core.domain.tus.kind import UploadKind
from core.services.uploads.resumable.append import Arriving, Intake, append
from core.services.uploads.resumable.create import Terms, create_resumable
from core.services.uploads.resumable.finish_received import finish_one
from core.services.uploads.resumable.terminate import terminate_upload

router = APIRouter(prefix=PREFIX, tags=["uploads"], responses=responses(401, 412, 422, 503))

UploadId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="The end of the upload's address.")]


@router.post("", status_code=201, responses=responses(404, 409, 413, 423, 460))
async def create_tus_upload(request: Request, caller: Uploader, services: Services) -> Response:
    """Announce a file by `Upload-Length` and `Upload-Metadata` (`filename`, `title`, `filetype`, `scheme`).

    A body of `application/offset+octet-stream` is its beginning. `Upload-Concat` announces a piece, or joins pieces.
    """
    announced, scheme = announced_by(request.headers)
    now = services.clock.now()
    terms = Terms(
        upload_limits(services.settings, scheme), now, now + timedelta(seconds=services.settings.resumable_ttl_seconds)
    )
    upload = await create_resumable(services.uow, services.storage, caller.organisation_id, announced, terms)
    if upload.kind is UploadKind.FINAL:
        await finish_one(services.uow, services.storage, services.gateway, services.clock, upload)
    elif _brings_bytes(request) or not upload.length:
        upload = await _append(services, request, upload.organisation_id, upload.id, 0)
    told = headers_of(upload) | {"Location": f"{PREFIX}/{upload.id}"}
    return Response(status_code=201, headers=told)


@router.head("/{upload_id}", responses=responses(404))
async def read_tus_upload(upload_id: UploadId, caller: Uploader, services: Services) -> Response:
    """Where to go on: `Upload-Offset`."""
    async with services.uow() as uow:
        upload = await uow.resumable_uploads.get(caller.organisation_id, upload_id, services.clock.now())
    return Response(status_code=200, headers=headers_of(upload))


@router.patch("/{upload_id}", status_code=204, responses=responses(403, 404, 409, 413, 415, 423, 460))
async def update_tus_upload(request: Request, upload_id: UploadId, caller: Uploader, services: Services) -> Response:
    """Send what comes behind `Upload-Offset`, in a body of `application/offset+octet-stream` of any length.

    What arrived before a connection broke is kept, except with `Upload-Checksum`: then all of it counts, or nothing.
    """
    if not _brings_bytes(request):
        raise HTTPException(415, f"The body's Content-Type is to be {MEDIA_TYPE}.")
    offset = number_of(request.headers, "Upload-Offset")
    upload = await _append(services, request, caller.organisation_id, upload_id, offset)
    return Response(status_code=204, headers=headers_of(upload))


@router.delete("/{upload_id}", status_code=204, responses=responses(404, 409))
async def delete_tus_upload(upload_id: UploadId, caller: Uploader, services: Services) -> None:
    """Give it up. What has become a video is deleted as one."""
    await terminate_upload(services.uow, services.storage, caller.organisation_id, upload_id, services.clock.now())


def _brings_bytes(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == MEDIA_TYPE


async def _append(
    services: ApiServices, request: Request, organisation_id: str, upload_id: str, offset: int
) -> ResumableUpload:
    checksum, length = request.headers.get("upload-checksum"), request.headers.get("content-length")
    arriving = Arriving(
        offset,
        body_pieces(request),
        None if length is None else int(length),
        None if checksum is None else ExpectedChecksum.parse(checksum),
    )
    intake = Intake(services.uow, services.storage, services.gateway, services.clock)
    with services.upload_slots.one():
        return await append(intake, organisation_id, upload_id, arriving)
