"""Folders as VdoCipher's clients know them (docs server/videomanagement/folder-*)."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel

from core.domain.folders import ROOT
from core.services.folders.list_folder import FolderListing, FolderView
from core.services.folders.search_folders import FoundFolder


class FolderNameOut(BaseModel):
    id: str
    name: str


class FolderOut(FolderNameOut):
    """`parent` is null for a folder in the root, and for the root."""

    parent: str | None


class CountedFolderOut(FolderOut):
    """What is directly in it."""

    videosCount: int  # noqa: N815 - VdoCipher's names
    foldersCount: int  # noqa: N815


class FolderListOut(BaseModel):
    """`parent` is null when `current` is the root."""

    folderList: list[CountedFolderOut]  # noqa: N815
    current: FolderOut
    parent: FolderOut | None


class FoundFolderOut(FolderNameOut):
    folderPath: list[FolderNameOut]  # noqa: N815
    createdAt: datetime  # noqa: N815


class FoundFoldersOut(BaseModel):
    folders: list[FoundFolderOut]


_ROOT = FolderOut(id=ROOT, name=ROOT, parent=None)


def counted_folder(folder: FolderView) -> CountedFolderOut:
    counts = folder.counts
    return CountedFolderOut(**_names(folder).model_dump(), videosCount=counts.videos, foldersCount=counts.folders)


def folder_list(listing: FolderListing) -> FolderListOut:
    return FolderListOut(
        folderList=[counted_folder(child) for child in listing.children],
        current=_names(listing.current) if listing.current else _ROOT,
        parent=_parent(listing),
    )


def found_folders(found: tuple[FoundFolder, ...]) -> FoundFoldersOut:
    return FoundFoldersOut(
        folders=[
            FoundFolderOut(
                id=folder.id,
                name=folder.name,
                folderPath=[FolderNameOut(id=each.id, name=each.name) for each in folder.path],
                createdAt=folder.created_at,
            )
            for folder in found
        ]
    )


def _names(folder: FolderView) -> FolderOut:
    return FolderOut(id=folder.id, name=folder.name, parent=folder.parent_id)


def _parent(listing: FolderListing) -> FolderOut | None:
    if listing.current is None:
        return None
    return _names(listing.parent) if listing.parent else _ROOT
