"""Folders of videos (docs server/videomanagement/folder-*)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.compatible_route import CompatibleRouter
from api.dependencies import Services, VideoEditor, VideoReader
from api.routers.vdocipher.fields import Fields, body_of
from api.schemas.vdocipher.folders import (
    CountedFolderOut,
    FolderListOut,
    FoundFoldersOut,
    counted_folder,
    folder_list,
    found_folders,
)
from api.schemas.vdocipher.videos import Message
from core.domain.access.lenient_values import flag, refused, text
from core.domain.folders import LONGEST_NAME
from core.services.folders.create_folder import create_folder
from core.services.folders.delete_folder import delete_folder
from core.services.folders.folder_id import folder_id_of
from core.services.folders.list_folder import list_folder
from core.services.folders.rename_folder import rename_folder
from core.services.folders.search_folders import search_folders

router = CompatibleRouter("/api/videos/folders", "VdoCipher")

_NAME = {"type": "string", "maxLength": LONGEST_NAME}


@router.get("")
async def read_root(caller: VideoReader, services: Services) -> FolderListOut:
    async with services.uow() as uow:
        return folder_list(await list_folder(uow, caller.organisation_id, None))


@router.get("/{folder_id}")
async def read_folder(folder_id: str, caller: VideoReader, services: Services) -> FolderListOut:
    """`root` is what everything is in."""
    async with services.uow() as uow:
        return folder_list(await list_folder(uow, caller.organisation_id, folder_id_of(folder_id)))


@router.post("", openapi_extra=body_of(name=_NAME, parent={"type": "string", "default": "root"}))
async def create_folder_(caller: VideoEditor, services: Services, fields: Fields) -> CountedFolderOut:
    parent_id = folder_id_of(text(fields.get("parent"), "parent", 100))
    async with services.uow() as uow:
        made = await create_folder(uow, caller.organisation_id, _name(fields), parent_id)
        await uow.commit()
    return counted_folder(made)


@router.post("/search", openapi_extra=body_of(name=_NAME, searchExact={"type": "boolean", "default": False}))
async def search(caller: VideoReader, services: Services, fields: Fields) -> FoundFoldersOut:
    """By the beginning of the name, in whatever case, or by exactly the name; at most 100, the newest first."""
    given = fields.get("searchExact")
    exact = given not in (None, "") and flag(given, "searchExact")
    async with services.uow() as uow:
        return found_folders(await search_folders(uow, caller.organisation_id, _name(fields), exact=exact))


@router.put("/{folder_id}", openapi_extra=body_of(name=_NAME))
async def rename(folder_id: str, caller: VideoEditor, services: Services, fields: Fields) -> Message:
    target, name = _changeable(folder_id), _name(fields)
    async with services.uow() as uow:
        await rename_folder(uow, caller.organisation_id, target, name)
        await uow.commit()
    return Message(message="Folder has been updated")


@router.delete("/{folder_id}")
async def delete(folder_id: str, caller: VideoEditor, services: Services) -> Message:
    """Its videos and folders move to its parent."""
    target = _changeable(folder_id)
    async with services.uow() as uow:
        await delete_folder(uow, caller.organisation_id, target)
        await uow.commit()
    return Message(message="Folder Deleted")


def _name(fields: Mapping[str, Any]) -> str:
    name = text(fields.get("name"), "name", LONGEST_NAME)
    if name is None:
        raise refused("name", "must be the folder's name")
    return name


def _changeable(folder_id: str) -> str:
    target = folder_id_of(folder_id)
    if target is None:
        raise refused("folderId", "the root folder stays as it is")
    return target
