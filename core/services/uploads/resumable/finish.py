"""All bytes are safe: make an object of them, and a publication of that. Safe to repeat."""

from __future__ import annotations

from datetime import datetime

from core.db.models import ResumableUpload
from core.db.unit_of_work import UnitOfWorkFactory
from core.ports import Clock, ObjectStorage, WorkflowGateway
from core.services.uploads.complete_upload import complete_upload
from core.services.uploads.join_parts import join_parts
from core.services.uploads.resumable.places import multipart_of, tail_prefix


async def finish_upload(
    factory: UnitOfWorkFactory, storage: ObjectStorage, gateway: WorkflowGateway, upload: ResumableUpload, clock: Clock
) -> datetime:
    """When. The caller holds the upload, and notes it. Raises Conflict when it was given up, StorageUnavailable."""
    if upload.video_id is None:
        await join_parts(storage, multipart_of(upload))
    else:
        await complete_upload(factory, storage, gateway, upload.organisation_id, upload.video_id)
    await storage.delete_prefix(tail_prefix(upload))
    return clock.now()
