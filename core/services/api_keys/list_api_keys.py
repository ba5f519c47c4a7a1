"""An organisation's keys, newest first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass

from core.db.unit_of_work import UnitOfWork
from core.domain.cursor import decode_cursor, encode_cursor
from core.services.api_keys.key_view import ApiKeyView, key_view


@dataclass(frozen=True)
class ApiKeyPage:
    """`next_cursor` is None on the last page."""

    api_keys: tuple[ApiKeyView, ...]
    next_cursor: str | None


async def list_api_keys(uow: UnitOfWork, organisation_id: str, limit: int, cursor: str | None = None) -> ApiKeyPage:
    """Those that were revoked too. Raises InvalidInput for a cursor that is none of ours."""
    rows = await uow.api_keys.page(organisation_id, limit + 1, decode_cursor(cursor))
    shown = rows[:limit]
    more = encode_cursor(shown[-1].created_at, shown[-1].id) if len(rows) > limit else None
    return ApiKeyPage(tuple(key_view(row) for row in shown), more)
