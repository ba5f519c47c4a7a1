"""Find what forms have sent, and start its publication exactly once."""

from __future__ import annotations

from datetime import datetime

import structlog

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.models import Video, VideoVersion
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.arrival import next_look
from core.domain.errors import NotFound
from core.domain.failures import SENTENCES, FailureCode
from core.domain.video import VideoState
from core.ports import ObjectNotFound, ObjectStat, ObjectStorage, WorkflowGateway
from core.services.uploads.queue_version import mark_queued, start_queued
from core.services.uploads.quota import room_left
from core.services.uploads.start_upload import UploadLimits
from core.services.videos.state_change import LockedVersion, lock_version
from core.services.webhooks.tell_video import tell_state

_log = structlog.get_logger(__name__)

_BATCH = 100


async def notice_arrivals(
    factory: UnitOfWorkFactory, storage: ObjectStorage, gateway: WorkflowGateway, limits: UploadLimits, now: datetime
) -> int:
    """How many had come. Raises StorageUnavailable; what it did not get to is looked at again in its turn."""
    async with factory() as uow:
        due = await uow.videos.due_arrivals(now, _BATCH)
        for version in due:
            version.look_at = next_look(version.created_at, now) if _awaited(version) else None
        await uow.commit()
    targets = [VersionRef(row.organisation_id, row.video_id, row.version) for row in due if _awaited(row)]
    return sum([await _notice(factory, storage, gateway, target, limits) for target in targets])


async def look_soon(uow: UnitOfWork, key: str, now: datetime) -> None:
    """Somebody says that the object is there: let the next sweep see for itself. The caller commits."""
    target = object_keys.form_target(key)
    if target is not None:
        await uow.videos.look_at(target, now)


async def confirm_awaited(uow: UnitOfWork, key: str) -> None:
    """Raises NotFound unless the object is one that a form of ours is to send."""
    target = object_keys.form_target(key)
    if target is None or (await uow.videos.version(target)).look_at is None:
        raise NotFound("No form of ours sends that object.")


def _awaited(version: VideoVersion) -> bool:
    return version.status is VideoState.PRE_UPLOAD


async def _notice(
    factory: UnitOfWorkFactory,
    storage: ObjectStorage,
    gateway: WorkflowGateway,
    target: VersionRef,
    limits: UploadLimits,
) -> bool:
    """One transaction, with the video locked while the store copies: nobody can exchange the file in between."""
    sent = object_keys.form(target)
    try:
        found = await storage.stat(sent)
        async with factory() as uow:
            locked = await lock_version(uow, target)
            if not _awaited(locked.version):
                return False
            await _take(uow, storage, locked, found, limits)
            await uow.commit()
    except ObjectNotFound:
        return False  # not yet, or sent once more this very moment
    if locked.version.status is VideoState.QUEUED:
        await start_queued(gateway, locked.video, locked.version)
    # Only now: a crash before the commit must find it again.
    await storage.delete_prefix(sent)
    _log.info("upload noticed", video_id=target.video_id, size=found.size, status=locked.version.status.value)
    return True


async def _take(
    uow: UnitOfWork, storage: ObjectStorage, locked: LockedVersion, found: ObjectStat, limits: UploadLimits
) -> None:
    version = locked.version
    failure = await _unfit(uow, version.organisation_id, found.size, limits)
    version.source_size, version.look_at = found.size, None
    if failure is None:
        # By its ETag: what was looked at is what is taken.
        await storage.copy(found.key, version.source_key, found.etag)
        await mark_queued(uow, locked.video, version)
    else:
        locked.move(VideoState.FAILED)
        _explain(failure, locked.video, version)
        await tell_state(uow, locked.video, version)


async def _unfit(uow: UnitOfWork, organisation_id: str, size: int, limits: UploadLimits) -> FailureCode | None:
    """What could only be promised when the form was signed."""
    if size > limits.max_source_bytes:
        return FailureCode.UPLOAD_TOO_LARGE
    room = await room_left(uow, organisation_id, limits.max_stored_bytes)
    return FailureCode.QUOTA_EXCEEDED if room is not None and size > room else None


def _explain(failure: FailureCode, video: Video, version: VideoVersion) -> None:
    for row in (version, video):
        row.failure_code, row.failure_detail = failure, SENTENCES[failure]
