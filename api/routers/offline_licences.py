"""Which devices keep a video for offline use."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.dependencies import Services, VideoId, ViewerEditor, ViewerReader
from api.errors import responses
from api.schemas.licences import OfflineLicenceOut, offline_licence_out
from core.services.licences.offline_copies import list_offline_copies, release_offline_copy

router = APIRouter(
    prefix="/v1/videos/{video_id}/offline-licences", tags=["licences"], responses=responses(401, 404, 422, 503)
)

CopyId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 lower-case hex digits.")]


@router.get("")
async def read_offline_licences(video_id: VideoId, caller: ViewerReader, services: Services) -> list[OfflineLicenceOut]:
    """The newest first, up to 500."""
    async with services.uow() as uow:
        copies = await list_offline_copies(uow, caller.organisation_id, video_id)
    return [offline_licence_out(copy) for copy in copies]


@router.delete("/{copy_id}", status_code=204)
async def delete_offline_licence(
    video_id: VideoId, copy_id: CopyId, caller: ViewerEditor, services: Services
) -> Response:
    """Frees the device's place. What the device still holds ends when its licence does."""
    async with services.uow() as uow:
        await release_offline_copy(uow, caller.organisation_id, video_id, copy_id, services.clock.now())
        await uow.commit()
    return Response(status_code=204)
