"""What an organisation sees of the ledger of one of its videos, and how it takes a copy off it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.db.models import OfflineLicence
from core.db.unit_of_work import UnitOfWork


async def list_offline_copies(uow: UnitOfWork, organisation_id: str, video_id: str) -> Sequence[OfflineLicence]:
    """The newest first. Raises NotFound for a video that is not the organisation's."""
    await uow.videos.get(organisation_id, video_id)
    return await uow.offline_licences.of_video(organisation_id, video_id)


async def release_offline_copy(
    uow: UnitOfWork, organisation_id: str, video_id: str, copy_id: str, now: datetime
) -> None:
    """The copy counts no longer; what the device still holds ends when its licence does. Raises NotFound."""
    await uow.offline_licences.release(organisation_id, video_id, copy_id, now)
