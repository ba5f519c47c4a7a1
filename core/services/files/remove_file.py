"""Delete captions or a poster."""

from __future__ import annotations

from core.contracts import object_keys
from core.db.models import VideoFile
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import InvalidInput
from core.domain.video_file import FileKind
from core.ports import ObjectStorage
from core.services.files.find_file import find_file


async def remove_file(
    uow: UnitOfWork, storage: ObjectStorage, organisation_id: str, video_id: str, number: int
) -> None:
    """Without a poster of the owner's choice, ours is shown again.

    Raises NotFound (also FILE_NOT_FOUND), InvalidInput (NOT_DELETABLE), StorageUnavailable. The caller commits.
    """
    if not (await find_file(uow, organisation_id, video_id, number)).deletable:
        raise InvalidInput("This file goes with its video, not before.", code="NOT_DELETABLE")
    await uow.catalogue.lock(organisation_id, video_id)
    file = await uow.files.find(organisation_id, video_id, number)
    if file is None:
        return  # whoever held the lock has deleted it
    # Objects first: a row without its object can be deleted again, an object without a row would stay.
    for key in _objects(file):
        await storage.delete_prefix(key)
    await uow.files.remove(file)
    if file.kind is FileKind.POSTER:
        left = [each for each in await uow.files.posters(organisation_id, video_id) if each.number != number]
        if not any(each.enabled for each in left):
            for each in left:
                each.enabled = each.version is not None


def _objects(file: VideoFile) -> tuple[str, ...]:
    if file.kind is FileKind.POSTER:
        return (file.object_key,)
    return file.object_key, object_keys.caption(file.organisation_id, file.video_id, f"{file.number}.m3u8")
