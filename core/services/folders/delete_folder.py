"""Delete a folder, and nothing in it."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork


async def delete_folder(uow: UnitOfWork, organisation_id: str, folder_id: str) -> None:
    """Its videos and folders are in its parent then. Raises NotFound (FOLDER_NOT_FOUND). The caller commits."""
    await uow.folders.alone(organisation_id)
    await uow.folders.remove(await uow.folders.lock(organisation_id, folder_id))
