"""Captions that were added to a video, as manifests offer them."""

from __future__ import annotations

from core.adapters.packager.captions import SideCaption
from core.db.unit_of_work import UnitOfWork
from core.domain.media.languages import language_name


async def side_captions(uow: UnitOfWork, organisation_id: str, video_id: str) -> list[SideCaption]:
    """In the order in which they came."""
    return [
        SideCaption(str(file.number), language, language_name(language) or language)
        for file in await uow.files.captions(organisation_id, video_id)
        if (language := file.language)
    ]
