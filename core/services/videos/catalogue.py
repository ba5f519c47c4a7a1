"""A video as VdoCipher's clients know it, whether alone or in a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.db.models import VideoFile
from core.db.repositories.catalogue import ListedVideo
from core.db.unit_of_work import UnitOfWork
from core.domain.video import VideoState
from core.domain.video_filter import VideoFilter


@dataclass(frozen=True)
class Poster:
    """`number` is the file's; pixels."""

    video_id: str
    number: int
    width: int
    height: int


@dataclass(frozen=True)
class CatalogueEntry:
    """`duration` in whole seconds, None until published; `size` in bytes; `posters` the largest first."""

    id: str
    title: str
    description: str
    status: VideoState
    failure_code: str | None
    duration: int | None
    current_version: int | None
    tags: tuple[str, ...]
    folder_id: str | None
    size: int
    created_at: datetime
    posters: tuple[Poster, ...]


@dataclass(frozen=True)
class CataloguePage:
    """`total` counts the videos of all pages."""

    entries: tuple[CatalogueEntry, ...]
    total: int


async def read_catalogue(
    uow: UnitOfWork, organisation_id: str, wanted: VideoFilter, page: int, limit: int
) -> CataloguePage:
    """Newest first; `page` counts from 1. Raises NotFound (FOLDER_NOT_FOUND)."""
    if wanted.folder_id is not None:
        await uow.folders.get(organisation_id, wanted.folder_id)
    rows, total = await uow.catalogue.page(organisation_id, wanted, (page - 1) * limit, limit)
    posters = await uow.files.enabled_posters(organisation_id, [row.video.id for row in rows])
    return CataloguePage(tuple(_entry(row, posters.get(row.video.id, ())) for row in rows), total)


async def read_entry(uow: UnitOfWork, organisation_id: str, video_id: str) -> CatalogueEntry:
    """Raises NotFound, also when it is being deleted."""
    row = await uow.catalogue.get(organisation_id, video_id)
    posters = await uow.files.enabled_posters(organisation_id, [video_id])
    return _entry(row, posters.get(video_id, ()))


def _entry(row: ListedVideo, posters: Sequence[VideoFile]) -> CatalogueEntry:
    video = row.video
    return CatalogueEntry(
        id=video.id,
        title=video.title,
        description=video.description,
        status=video.status,
        failure_code=video.failure_code,
        duration=video.duration,
        current_version=video.current_version,
        tags=tuple(video.tags),
        folder_id=video.folder_id,
        size=row.size,
        created_at=video.created_at,
        posters=tuple(poster_of(file) for file in posters),
    )


def poster_of(file: VideoFile) -> Poster:
    return Poster(file.video_id, file.number or 0, file.width or 0, file.height or 0)
