"""Forget resumable uploads whose time is over, finished or not."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

import structlog

from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict
from core.ports import ObjectStorage
from core.services.uploads.abort_upload import abort_upload
from core.services.uploads.resumable.terminate import forget_upload

_log = structlog.get_logger(__name__)

_BATCH = 100


async def expire_uploads(factory: UnitOfWorkFactory, storage: ObjectStorage, now: datetime) -> int:
    """How many. Raises StorageUnavailable; repeating it goes on where it stopped."""
    async with factory() as uow:
        expired = await uow.resumable_uploads.expired(now, _BATCH)
    for upload in expired:
        if upload.video_id is not None and upload.completed_at is None:
            with suppress(Conflict):  # it has become a video, and lacks only the note of it
                await abort_upload(factory, storage, upload.organisation_id, upload.video_id)
        await forget_upload(factory, storage, upload)
        _log.info("resumable upload forgotten", upload_id=upload.id, whole=upload.completed_at is not None)
    return len(expired)
