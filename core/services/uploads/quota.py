"""How much an organisation may store: asked before an upload, and again when its real size is known."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork
from core.domain.errors import InvalidInput


async def room_left(uow: UnitOfWork, organisation_id: str, max_stored_bytes: int | None) -> int | None:
    """Bytes that may still be announced, None without a limit. Announcements go one after the other from here on."""
    if max_stored_bytes is None:
        return None
    await uow.organisations.lock(organisation_id)
    held = await uow.videos.held_bytes(organisation_id) + await uow.resumable_uploads.partial_bytes(organisation_id)
    return max(0, max_stored_bytes - held)


async def refuse_over_quota(uow: UnitOfWork, organisation_id: str, size: int, max_stored_bytes: int | None) -> None:
    """Raises InvalidInput (QUOTA_EXCEEDED)."""
    room = await room_left(uow, organisation_id, max_stored_bytes)
    if room is not None and size > room:
        text = f"Only {room} bytes are left of what this account may store."
        raise InvalidInput(text, code="QUOTA_EXCEEDED", fields={"size": text})
