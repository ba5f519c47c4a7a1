"""Folders by name, wherever they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.folders import FolderName

_MOST = 100


@dataclass(frozen=True)
class FoundFolder:
    """`path` has what the folder is in, its parent first; nothing for one in the root."""

    id: str
    name: str
    path: tuple[FolderName, ...]
    created_at: datetime


async def search_folders(uow: UnitOfWork, organisation_id: str, name: str, *, exact: bool) -> tuple[FoundFolder, ...]:
    """The whole name, or its beginning in whatever case; at most 100, the newest first."""
    found = await uow.folders.search(organisation_id, name, _MOST, exact=exact)
    paths = await uow.folders.ancestors(organisation_id, [folder.id for folder in found])
    return tuple(FoundFolder(folder.id, folder.name, tuple(paths[folder.id]), folder.created_at) for folder in found)
