"""Take in what a request brings, from the offset that the database has. What came before it broke off is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from core.db.models import ResumableUpload
from core.db.repositories.resumable_uploads import Hold
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.domain.tus.checksum import ExpectedChecksum
from core.domain.tus.kind import UploadKind
from core.ports import Clock, ObjectNotFound, ObjectStorage, WorkflowGateway
from core.services.uploads.resumable.finish import finish_upload
from core.services.uploads.resumable.hold import take_hold
from core.services.uploads.resumable.part_writer import PartWriter
from core.services.uploads.resumable.places import tail_key


@dataclass(frozen=True)
class Arriving:
    """A request's body. `length` is None when it is not announced. With a checksum, all of it counts or nothing."""

    offset: int
    pieces: AsyncIterator[bytes]
    length: int | None = None
    checksum: ExpectedChecksum | None = None


@dataclass(frozen=True)
class Intake:
    """Everything that takes uploads in."""

    factory: UnitOfWorkFactory
    storage: ObjectStorage
    gateway: WorkflowGateway
    clock: Clock


async def append(intake: Intake, organisation_id: str, upload_id: str, arriving: Arriving) -> ResumableUpload:
    """The upload as it is now; one that is whole has been finished. Commits, several times.

    Raises NotFound, Forbidden for a final upload, Conflict (OFFSET_MISMATCH), InvalidInput (UPLOAD_TOO_LONG),
    UploadHeld, ChecksumMismatch, StorageUnavailable.
    """
    upload, hold = await _take(intake, organisation_id, upload_id, arriving)
    try:
        if upload.completed_at is None:
            try:
                upload.received = await _receive(intake, upload, hold, arriving)
            except ObjectNotFound:
                raise NotFound("The upload was given up.") from None
        if upload.received == upload.length and upload.completed_at is None:
            upload.completed_at = await finish_upload(
                intake.factory, intake.storage, intake.gateway, upload, intake.clock
            )
    finally:
        async with intake.factory() as uow:
            await uow.resumable_uploads.release(hold, upload.completed_at)
            await uow.commit()
    return upload


async def _take(
    intake: Intake, organisation_id: str, upload_id: str, arriving: Arriving
) -> tuple[ResumableUpload, Hold]:
    async with intake.factory() as uow:
        upload = await uow.resumable_uploads.lock(organisation_id, upload_id, intake.clock.now())
        if upload.kind is UploadKind.FINAL:
            raise Forbidden("A final upload consists of its pieces.", code="UPLOAD_IS_FINAL")
        hold = take_hold(upload, intake.clock)
        if upload.received != arriving.offset:
            raise Conflict(f"The upload's offset is {upload.received}.", code="OFFSET_MISMATCH")
        if arriving.length is not None and arriving.offset + arriving.length > upload.length:
            raise _too_long(upload)
        await uow.commit()
    return upload, hold


async def _receive(intake: Intake, upload: ResumableUpload, hold: Hold, arriving: Arriving) -> int:
    before, checksum = upload.received, arriving.checksum
    writing = PartWriter(intake.factory, intake.storage, intake.clock, upload, hold, noting=checksum is None)
    async with writing as writer:
        too_long = False
        async for piece in arriving.pieces:
            too_long = writer.received + len(piece) > upload.length
            if too_long:
                break
            if checksum is not None:
                checksum.update(piece)
            await writer.write(piece)
        if too_long and checksum is not None:
            raise _too_long(upload)
        if checksum is not None:
            checksum.verify()
        received = await writer.finish()
    if before % upload.part_size and received != before:
        await intake.storage.delete_prefix(tail_key(upload, before))
    if too_long:
        raise _too_long(upload)
    return received


def _too_long(upload: ResumableUpload) -> InvalidInput:
    return InvalidInput(f"The upload is {upload.length} bytes and no more.", code="UPLOAD_TOO_LONG")
