"""A new folder."""

from __future__ import annotations

from uuid import uuid4

from core.db.models import Folder
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import InvalidInput
from core.domain.folders import MOST_DEPTH, MOST_FOLDERS
from core.services.folders.list_folder import FolderView, folder_view


async def create_folder(uow: UnitOfWork, organisation_id: str, name: str, parent_id: str | None) -> FolderView:
    """None is the root. Raises NotFound (FOLDER_NOT_FOUND), InvalidInput (FOLDER_LIMIT). The caller commits."""
    await uow.folders.alone(organisation_id)
    if parent_id is not None:
        await uow.folders.get(organisation_id, parent_id)
        ancestors = await uow.folders.ancestors(organisation_id, [parent_id])
        if len(ancestors[parent_id]) + 2 > MOST_DEPTH:
            raise InvalidInput(f"Folders can be nested {MOST_DEPTH} deep, no deeper.", code="FOLDER_LIMIT")
    if await uow.folders.count(organisation_id) >= MOST_FOLDERS:
        raise InvalidInput(f"There are {MOST_FOLDERS} folders already: delete some first.", code="FOLDER_LIMIT")
    folder = Folder(id=uuid4().hex, organisation_id=organisation_id, parent_id=parent_id, name=name)
    await uow.folders.add(folder)
    return folder_view(folder)
