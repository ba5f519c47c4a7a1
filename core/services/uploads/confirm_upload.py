"""The first step of a publication: is what was announced really in the store?"""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork
from core.domain.failures import FailureCode, VideoRejected
from core.ports import ObjectNotFound, ObjectStorage


async def confirm_upload(uow: UnitOfWork, storage: ObjectStorage, target: VersionRef) -> None:
    """Raises VideoRejected: UPLOAD_MISSING, UPLOAD_MISMATCH (another size), EMPTY."""
    version = await uow.videos.version(target)
    try:
        found = await storage.stat(version.source_key)
    except ObjectNotFound:
        raise VideoRejected(FailureCode.UPLOAD_MISSING, "no object at the source key") from None
    if found.size != version.source_size:
        text = f"{found.size} bytes arrived, {version.source_size} were announced"
        raise VideoRejected(FailureCode.UPLOAD_MISMATCH, text)
    if found.size == 0:
        raise VideoRejected(FailureCode.EMPTY, "0 bytes")
