"""An organisation's members, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from core.db.unit_of_work import UnitOfWork
from core.domain.cursor import decode_cursor, encode_cursor
from core.services.members.member_view import MemberView, member_view


@dataclass(frozen=True)
class MemberPage:
    """`next_cursor` is None on the last page."""

    members: tuple[MemberView, ...]
    next_cursor: str | None


async def list_members(uow: UnitOfWork, organisation_id: str, limit: int, cursor: str | None = None) -> MemberPage:
    """Raises InvalidInput for a cursor that is none of ours."""
    rows = await uow.members.page(organisation_id, limit + 1, decode_cursor(cursor))
    shown = rows[:limit]
    more = encode_cursor(shown[-1].created_at, shown[-1].id) if len(rows) > limit else None
    return MemberPage(tuple(member_view(row) for row in shown), more)
