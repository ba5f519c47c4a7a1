"""Upload credentials as VdoCipher gives them (docs server/upload/credentials): a form for the object store."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Query, Response

from api.compatible_route import CompatibleRouter
from api.dependencies import Services, Uploader
from api.routers.vdocipher.upload_form import PATH as RELAY
from api.schemas.form_uploads import CredentialsOut, credentials_of
from api.schemas.text import CleanText
from api.upload_limits import upload_limits
from core.domain.folders import ROOT
from core.services.folders.folder_id import folder_id_of
from core.services.uploads.new_video import NewVideo
from core.services.uploads.start_form_upload import start_form_upload

router = CompatibleRouter("/api/videos", "uploads")


@router.put("")
async def create_credentials(
    title: Annotated[CleanText, Query(min_length=1, max_length=500)],
    caller: Uploader,
    services: Services,
    response: Response,
    folder: Annotated[CleanText, Query(alias="folderId", max_length=64)] = ROOT,
) -> CredentialsOut:
    """Create a video and the form that sends its file to the store. A body is ignored."""
    started = await start_form_upload(
        services.uow,
        services.storage,
        caller.organisation_id,
        NewVideo(title, folder_id=folder_id_of(folder)),
        upload_limits(services.settings),
        services.clock.now(),
        timedelta(seconds=services.settings.upload_url_ttl_seconds),
    )
    response.headers["Cache-Control"] = "no-store"
    relayed = f"{services.settings.public_url}{RELAY}" if services.settings.relay_forms else None
    return credentials_of(started, relayed)
