"""Where the poster lies that an address means."""

from __future__ import annotations

import re

from core.db.unit_of_work import UnitOfWork
from core.domain.errors import NotFound
from core.domain.hex_id import is_hex_id

_NAME = re.compile(r"([1-9][0-9]{0,17})\.jpg", re.ASCII)


async def public_poster(uow: UnitOfWork, video_id: str, name: str) -> str:
    """Its object's key. Raises NotFound, also when the video is being deleted."""
    found = _NAME.fullmatch(name)
    file = await uow.files.public_poster(video_id, int(found[1])) if found and is_hex_id(video_id) else None
    if file is None:
        raise NotFound("There is no such poster.")
    return file.object_key
