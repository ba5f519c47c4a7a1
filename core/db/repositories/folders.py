"""Folders of videos."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, func, literal, literal_column, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from core.db.models import Folder, Video
from core.domain.errors import NotFound
from core.domain.folders import MOST_DEPTH, FolderCounts, FolderName

_LOCKS = "sealcast folders"


class FolderRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, folder: Folder) -> None:
        self._session.add(folder)
        await self._session.flush()

    async def alone(self, organisation_id: str) -> None:
        """Until the transaction ends, nobody else changes the organisation's tree."""
        lock = func.pg_advisory_xact_lock(func.hashtext(_LOCKS), func.hashtext(organisation_id))
        await self._session.execute(select(lock))

    async def get(self, organisation_id: str, folder_id: str) -> Folder:
        """Raises NotFound (FOLDER_NOT_FOUND), also for another organisation's folder."""
        return _found(await self._session.scalar(_folder(organisation_id, folder_id)))

    async def keep(self, organisation_id: str, folder_id: str) -> Folder:
        """Read such that the folder stays until a video has been put into it. Raises NotFound (FOLDER_NOT_FOUND)."""
        locked = _folder(organisation_id, folder_id).with_for_update(read=True, key_share=True)
        return _found(await self._session.scalar(locked))

    async def lock(self, organisation_id: str, folder_id: str) -> Folder:
        """Read for its removal. Raises NotFound (FOLDER_NOT_FOUND)."""
        return _found(await self._session.scalar(_folder(organisation_id, folder_id).with_for_update()))

    async def count(self, organisation_id: str) -> int:
        query = select(func.count()).select_from(Folder).where(col(Folder.organisation_id) == organisation_id)
        return await self._session.scalar(query) or 0

    async def children(self, organisation_id: str, parent_id: str | None) -> Sequence[Folder]:
        """By name. None is the root."""
        query = select(Folder).where(col(Folder.organisation_id) == organisation_id, _below(parent_id))
        return (await self._session.scalars(query.order_by(func.lower(col(Folder.name)), col(Folder.id)))).all()

    async def counts(self, organisation_id: str, parent_id: str | None) -> dict[str, FolderCounts]:
        """What is directly in each child of a folder that is not empty."""
        children = select(col(Folder.id)).where(col(Folder.organisation_id) == organisation_id, _below(parent_id))
        videos = (
            select(col(Video.folder_id), func.count())
            .where(
                col(Video.organisation_id) == organisation_id,
                col(Video.folder_id).in_(children),
                literal_column("videos.status NOT IN ('deleting', 'deleted')"),
            )
            .group_by(col(Video.folder_id))
        )
        folders = (
            select(col(Folder.parent_id), func.count())
            .where(col(Folder.organisation_id) == organisation_id, col(Folder.parent_id).in_(children))
            .group_by(col(Folder.parent_id))
        )
        in_videos = {row[0]: row[1] for row in (await self._session.execute(videos)).all()}
        in_folders = {row[0]: row[1] for row in (await self._session.execute(folders)).all()}
        return {
            folder_id: FolderCounts(in_videos.get(folder_id, 0), in_folders.get(folder_id, 0))
            for folder_id in in_videos.keys() | in_folders.keys()
            if folder_id is not None
        }

    async def search(self, organisation_id: str, name: str, limit: int, *, exact: bool) -> Sequence[Folder]:
        """By the whole name, or by its beginning in whatever case; the newest first."""
        lowered = func.lower(col(Folder.name))
        matches = col(Folder.name) == name if exact else lowered.startswith(name.lower(), autoescape=True)
        query = select(Folder).where(col(Folder.organisation_id) == organisation_id, matches)
        newest = query.order_by(col(Folder.created_at).desc(), col(Folder.id)).limit(limit)
        return (await self._session.scalars(newest)).all()

    async def ancestors(self, organisation_id: str, folder_ids: Sequence[str]) -> dict[str, list[FolderName]]:
        """Of each folder, its parent first. Those in the root have none."""
        columns = (col(Folder.id), col(Folder.name), col(Folder.parent_id))
        own = col(Folder.organisation_id) == organisation_id
        upwards = (
            select(col(Folder.id).label("origin"), literal(0).label("distance"), *columns)
            .where(own, col(Folder.id).in_(folder_ids))
            .cte(recursive=True)
        )
        upwards = upwards.union_all(
            select(upwards.c.origin, upwards.c.distance + 1, *columns).where(
                own, col(Folder.id) == upwards.c.parent_id, upwards.c.distance < MOST_DEPTH
            )
        )
        query = select(upwards.c.origin, upwards.c.id, upwards.c.name).where(upwards.c.distance > 0)
        found: dict[str, list[FolderName]] = {folder_id: [] for folder_id in folder_ids}
        for origin, folder_id, name in (await self._session.execute(query.order_by(upwards.c.distance))).all():
            found[origin].append(FolderName(folder_id, name))
        return found

    async def remove(self, folder: Folder) -> None:
        """What is in it moves to its parent, also the traces of deleted videos."""
        inside = (col(Folder.organisation_id) == folder.organisation_id, col(Folder.parent_id) == folder.id)
        await self._session.execute(update(Folder).where(*inside).values(parent_id=folder.parent_id))
        videos = (col(Video.organisation_id) == folder.organisation_id, col(Video.folder_id) == folder.id)
        moved = update(Video).where(*videos).values(folder_id=folder.parent_id, updated_at=col(Video.updated_at))
        await self._session.execute(moved)
        await self._session.delete(folder)


def _found(folder: Folder | None) -> Folder:
    if folder is None:
        raise NotFound("There is no such folder.", code="FOLDER_NOT_FOUND")
    return folder


def _folder(organisation_id: str, folder_id: str) -> Select[Folder]:
    return select(Folder).where(col(Folder.organisation_id) == organisation_id, col(Folder.id) == folder_id)


def _below(parent_id: str | None) -> ColumnElement[bool]:
    return col(Folder.parent_id).is_(None) if parent_id is None else col(Folder.parent_id) == parent_id
