"""Where a file can be fetched, for a while."""

from __future__ import annotations

from datetime import timedelta

from core.db.unit_of_work import UnitOfWork
from core.domain.errors import InvalidInput
from core.ports import ObjectStorage
from core.services.files.find_file import find_file

_LASTING = timedelta(hours=1)


async def download_file(
    uow: UnitOfWork, storage: ObjectStorage, organisation_id: str, video_id: str, number: int
) -> str:
    """An address that needs no key. Raises NotFound (also FILE_NOT_FOUND), InvalidInput (NOT_DOWNLOADABLE)."""
    file = await find_file(uow, organisation_id, video_id, number)
    if file.object_key is None:
        raise InvalidInput("Tracks of a protected video cannot be downloaded.", code="NOT_DOWNLOADABLE")
    return await storage.presign_download(file.object_key, file.name, _LASTING)
