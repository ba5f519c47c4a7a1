"""Finish what a request began and did not end: join final uploads, and publish what is whole."""

from __future__ import annotations

import structlog

from core.db.models import ResumableUpload
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict, NotFound
from core.domain.tus.kind import UploadKind
from core.ports import Clock, ObjectNotFound, ObjectStorage, WorkflowGateway
from core.services.uploads.resumable.finish import finish_upload
from core.services.uploads.resumable.hold import UploadHeld, take_hold
from core.services.uploads.resumable.join_pieces import drop_pieces, join_pieces

_log = structlog.get_logger(__name__)

_BATCH = 20


async def finish_received(
    factory: UnitOfWorkFactory, storage: ObjectStorage, gateway: WorkflowGateway, clock: Clock
) -> int:
    """How many were finished. Raises StorageUnavailable; the next sweep goes on."""
    async with factory() as uow:
        waiting = await uow.resumable_uploads.all_received(clock.now(), _BATCH)
    finished = 0
    for upload in waiting:
        try:
            finished += await finish_one(factory, storage, gateway, clock, upload)
        except (Conflict, NotFound, ObjectNotFound, UploadHeld) as error:
            # Given up, or another request is at it; what never comes to an end expires.
            _log.warning("upload not finished", upload_id=upload.id, error=type(error).__name__)
    return finished


async def finish_one(
    factory: UnitOfWorkFactory, storage: ObjectStorage, gateway: WorkflowGateway, clock: Clock, found: ResumableUpload
) -> bool:
    """Whether it is whole now. Raises NotFound, UploadHeld, Conflict when given up, StorageUnavailable. Commits."""
    async with factory() as uow:
        upload = await uow.resumable_uploads.lock(found.organisation_id, found.id, clock.now())
        hold = take_hold(upload, clock)
        await uow.commit()
    try:
        final = upload.kind is UploadKind.FINAL
        if upload.completed_at is None and (not final or await join_pieces(factory, storage, clock, upload, hold)):
            upload.completed_at = await finish_upload(factory, storage, gateway, upload, clock)
            if final:
                await drop_pieces(factory, storage, upload)
    finally:
        async with factory() as uow:
            await uow.resumable_uploads.release(hold, upload.completed_at)
            await uow.commit()
    return upload.completed_at is not None
