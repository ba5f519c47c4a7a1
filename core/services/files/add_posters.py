"""A poster of the owner's choice, in several sizes."""

from __future__ import annotations

from collections.abc import Sequence

from core.contracts import object_keys
from core.db.models import VideoFile
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import InvalidInput
from core.domain.video_file import FileKind
from core.ports import ObjectStorage
from core.services.files.list_files import FileView, file_view
from core.services.files.picture_tools import Picture

_MOST_POSTERS = 300


async def add_posters(
    uow: UnitOfWork, storage: ObjectStorage, organisation_id: str, video_id: str, pictures: Sequence[Picture]
) -> list[FileView]:
    """Those before stay, but are not shown any more. Raises NotFound, StorageUnavailable. The caller commits."""
    await uow.catalogue.lock(organisation_id, video_id)
    former = await uow.files.posters(organisation_id, video_id)
    if len(former) + len(pictures) > _MOST_POSTERS:
        raise InvalidInput(f"A video has at most {_MOST_POSTERS} posters: delete some first.", code="FILE_LIMIT")
    for file in former:
        file.enabled = False
    added = []
    for picture in pictures:
        number = await uow.files.next_number()
        key = object_keys.poster(organisation_id, video_id, number)
        await storage.put_bytes(key, picture.data, "image/jpeg")
        file = VideoFile(
            number=number,
            organisation_id=organisation_id,
            video_id=video_id,
            kind=FileKind.POSTER,
            name=f"poster-{picture.width}.jpg",
            object_key=key,
            size=len(picture.data),
            width=picture.width,
            height=picture.height,
        )
        added.append(file_view(await uow.files.add(file)))
    return added
