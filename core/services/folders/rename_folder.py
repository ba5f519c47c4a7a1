"""Another name for a folder."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork


async def rename_folder(uow: UnitOfWork, organisation_id: str, folder_id: str, name: str) -> None:
    """Raises NotFound (FOLDER_NOT_FOUND). The caller commits."""
    folder = await uow.folders.lock(organisation_id, folder_id)
    folder.name = name
