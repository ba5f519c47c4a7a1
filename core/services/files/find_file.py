"""One file of a video."""

from __future__ import annotations

import re

from core.db.unit_of_work import UnitOfWork
from core.domain.errors import NotFound
from core.services.files.list_files import FileView, list_files

_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


def file_number(given: str) -> int:
    """0, which no file has, for what cannot be one: whether there is the video is asked first."""
    return int(given) if _NUMBER.fullmatch(given) else 0


async def find_file(uow: UnitOfWork, organisation_id: str, video_id: str, number: int) -> FileView:
    """Raises NotFound (also FILE_NOT_FOUND)."""
    files = await list_files(uow, organisation_id, video_id)
    found = next((each for each in files if each.number == number), None)
    if found is None:
        raise NotFound("There is no such file.", code="FILE_NOT_FOUND")
    return found
