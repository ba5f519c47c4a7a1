"""Announce a video whose file a form will send straight to the store; that it came is for us to notice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.models import Video, VideoVersion
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.arrival import next_look
from core.domain.errors import InvalidInput
from core.domain.webhooks.event_types import EventType
from core.ports import ObjectStorage, PostForm
from core.services.uploads.new_video import NewVideo
from core.services.uploads.quota import room_left
from core.services.uploads.start_upload import UploadLimits
from core.services.webhooks.tell_video import tell_upload

MOST_BYTES = 5 * 1024**3
"""What S3 takes in one request (Amazon S3 User Guide, "Uploading objects")."""


@dataclass(frozen=True)
class StartedForm:
    video_id: str
    key: str
    form: PostForm


async def start_form_upload(
    factory: UnitOfWorkFactory,
    storage: ObjectStorage,
    organisation_id: str,
    new: NewVideo,
    limits: UploadLimits,
    now: datetime,
    expires: timedelta,
) -> StartedForm:
    """Raises InvalidInput (QUOTA_EXCEEDED) when nothing more may be stored, NotFound (FOLDER_NOT_FOUND). Commits."""
    target = VersionRef(organisation_id, uuid4().hex, 1)
    key = object_keys.form(target)
    async with factory() as uow:
        room = await room_left(uow, organisation_id, limits.max_stored_bytes)
        if room == 0:
            raise InvalidInput("Nothing is left of what this account may store.", code="QUOTA_EXCEEDED")
        most = min(MOST_BYTES, limits.max_source_bytes, MOST_BYTES if room is None else room)
        if new.folder_id is not None:
            await uow.folders.keep(organisation_id, new.folder_id)
        uow.videos.add(
            Video(id=target.video_id, organisation_id=organisation_id, title=new.title, folder_id=new.folder_id)
        )
        await uow.videos.flush()
        version = _version(target, new.title, limits.scheme, next_look(now, now))
        uow.videos.add_version(version)
        await tell_upload(uow, EventType.UPLOAD_CREATED, version)
        await uow.commit()
    return StartedForm(target.video_id, key, await storage.presign_form(key, most, expires))


def _version(target: VersionRef, title: str, scheme: str, look_at: datetime) -> VideoVersion:
    """Its size is not known before it has come."""
    return VideoVersion(
        id=uuid4().hex,
        organisation_id=target.organisation_id,
        video_id=target.video_id,
        version=target.version,
        source_filename=title,
        source_key=object_keys.original(target),
        source_size=0,
        part_size=0,
        scheme=scheme,
        look_at=look_at,
    )
