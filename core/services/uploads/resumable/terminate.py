"""Give up a resumable upload, and free what it holds."""

from __future__ import annotations

from datetime import datetime

from core.db.models import ResumableUpload
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict
from core.ports import ObjectStorage
from core.services.uploads.abort_upload import abort_upload
from core.services.uploads.resumable.join_pieces import drop_pieces
from core.services.uploads.resumable.places import own_prefix


async def terminate_upload(
    factory: UnitOfWorkFactory, storage: ObjectStorage, organisation_id: str, upload_id: str, now: datetime
) -> None:
    """Raises NotFound, Conflict for one that is a video now or a piece of a final one. Commits."""
    async with factory() as uow:
        upload = await uow.resumable_uploads.get(organisation_id, upload_id, now)
    if upload.final_id is not None:
        raise Conflict("The upload is a piece of a final one.", code="PIECE_UNFIT")
    if upload.video_id is not None:
        await abort_upload(factory, storage, organisation_id, upload.video_id)
    await forget_upload(factory, storage, upload)


async def forget_upload(factory: UnitOfWorkFactory, storage: ObjectStorage, upload: ResumableUpload) -> None:
    """All but the video. The row goes last: it leads to the rest."""
    await drop_pieces(factory, storage, upload)
    await storage.delete_prefix(own_prefix(upload.organisation_id, upload.id))
    async with factory() as uow:
        await uow.resumable_uploads.remove(upload)
        await uow.commit()
