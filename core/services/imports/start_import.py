"""Announce a video whose source is fetched from an address."""

from __future__ import annotations

from uuid import uuid4

import structlog

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.models import Video, VideoImport, VideoVersion
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.imports import ImportPolicy, check_import_address
from core.domain.upload_parts import plan_parts
from core.domain.video import VideoState
from core.domain.webhooks.event_types import EventType
from core.ports import WorkflowGateway, WorkflowsUnavailable
from core.services.uploads.new_video import NewVideo
from core.services.uploads.start_upload import UploadLimits
from core.services.uploads.start_workflow import start_workflow
from core.services.webhooks.tell_video import tell_state, tell_upload

_log = structlog.get_logger(__name__)

_UNTITLED = "Untitled"


async def start_import(
    factory: UnitOfWorkFactory,
    gateway: WorkflowGateway,
    policy: ImportPolicy,
    limits: UploadLimits,
    organisation_id: str,
    url: str,
    new: NewVideo,
) -> Video:
    """The video, queued. Commits.

    Raises DestinationRefused, InvalidInput (SOURCE_IS_A_PAGE), NotFound (FOLDER_NOT_FOUND).
    """
    address = check_import_address(url, organisation_id, policy)
    target = VersionRef(organisation_id, uuid4().hex, 1)
    video = Video(
        id=target.video_id,
        organisation_id=organisation_id,
        title=new.title or address.filename or _UNTITLED,
        description=new.description,
        folder_id=new.folder_id,
        status=VideoState.QUEUED,
    )
    version = VideoVersion(
        id=uuid4().hex,
        organisation_id=organisation_id,
        video_id=target.video_id,
        version=target.version,
        status=VideoState.QUEUED,
        source_filename=address.filename or _UNTITLED,
        source_key=object_keys.original(target),
        source_size=0,  # as yet unknown
        part_size=plan_parts(limits.max_source_bytes).part_size,
        scheme=limits.scheme,
        import_pending=True,
    )
    async with factory() as uow:
        if new.folder_id is not None:
            await uow.folders.keep(organisation_id, new.folder_id)
        uow.videos.add(video)
        await uow.videos.flush()
        uow.videos.add_version(version)
        await uow.videos.flush()
        uow.imports.add(
            VideoImport(
                organisation_id=organisation_id,
                video_id=target.video_id,
                version=target.version,
                origin=address.origin,
                url=url,
            )
        )
        await tell_upload(uow, EventType.UPLOAD_CREATED, version)
        await tell_state(uow, video, version)
        await uow.commit()
    try:
        await start_workflow(gateway, video, version)
    except WorkflowsUnavailable:
        # Committed; `redrive_queued` starts it when the service is back.
        _log.warning("import not started yet", video_id=video.id)
    return video
