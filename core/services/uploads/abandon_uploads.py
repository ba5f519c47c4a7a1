"""Give up uploads that nobody completes: their parts cost storage and show in no listing."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict
from core.domain.webhooks.event_types import EventType
from core.ports import ObjectStorage
from core.services.uploads.abort_upload import abort_upload

_log = structlog.get_logger(__name__)

_PATIENCE = timedelta(days=7)
"""As long as the longest life of an upload address (`Settings.upload_url_ttl_seconds`)."""

_BATCH = 100


async def abandon_uploads(factory: UnitOfWorkFactory, storage: ObjectStorage, now: datetime) -> int:
    """How many were given up. Raises StorageUnavailable; repeating it goes on where it stopped."""
    async with factory() as uow:
        stale = await uow.videos.stale_uploads(now - _PATIENCE, _BATCH)
    for version in stale:
        with suppress(Conflict):  # completed in this very moment
            await abort_upload(factory, storage, version.organisation_id, version.video_id, EventType.UPLOAD_EXPIRED)
            _log.info("upload given up", video_id=version.video_id, version=version.version)
    return len(stale)
