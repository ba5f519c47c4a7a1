"""What is in a folder, and what the folder is in."""

from __future__ import annotations

from dataclasses import dataclass

from core.db.models import Folder
from core.db.unit_of_work import UnitOfWork
from core.domain.folders import FolderCounts


@dataclass(frozen=True)
class FolderView:
    """`parent_id` None: directly in the root."""

    id: str
    name: str
    parent_id: str | None
    counts: FolderCounts


@dataclass(frozen=True)
class FolderListing:
    """`current` None is the root; `parent` None is the root, or nothing when `current` is the root."""

    current: FolderView | None
    parent: FolderView | None
    children: tuple[FolderView, ...]


async def list_folder(uow: UnitOfWork, organisation_id: str, folder_id: str | None) -> FolderListing:
    """None is the root. Raises NotFound (FOLDER_NOT_FOUND)."""
    current = None if folder_id is None else await uow.folders.get(organisation_id, folder_id)
    parent = (
        None
        if current is None or current.parent_id is None
        else await uow.folders.get(organisation_id, current.parent_id)
    )
    counts = await uow.folders.counts(organisation_id, folder_id)
    children = await uow.folders.children(organisation_id, folder_id)
    return FolderListing(
        folder_view(current) if current else None,
        folder_view(parent) if parent else None,
        tuple(folder_view(child, counts.get(child.id)) for child in children),
    )


def folder_view(folder: Folder, counts: FolderCounts | None = None) -> FolderView:
    return FolderView(folder.id, folder.name, folder.parent_id, counts or FolderCounts())
