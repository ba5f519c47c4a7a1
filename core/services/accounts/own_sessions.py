"""A member's own sessions: look, end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.errors import NotFound
from core.services.audit.signed_by import SignedBy
from core.services.organisations.principal import Principal

_MOST = 100


@dataclass(frozen=True)
class SignedInView:
    """`method` is "password", "sso" or "support"; `current` marks the session that asks."""

    id: str
    method: str
    address: str
    user_agent: str
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    current: bool


async def list_sessions(uow: UnitOfWork, member: Principal, now: datetime) -> list[SignedInView]:
    """Open ones, newest first, up to 100."""
    rows = await uow.member_sessions.open(member.organisation_id, member.key_id, now, _MOST)
    return [
        SignedInView(
            id=row.id,
            method=row.method,
            address=row.address,
            user_agent=row.user_agent,
            created_at=row.created_at,
            last_used_at=row.last_used_at,
            expires_at=row.expires_at,
            current=row.id == member.session_id,
        )
        for row in rows
    ]


async def end_session(uow: UnitOfWork, member: Principal, session_id: str, by: SignedBy) -> None:
    """Raises NotFound for one that is not the member's, or is over. The caller commits."""
    if not await uow.member_sessions.end(member.organisation_id, member.key_id, session_id, "revoked", by.at):
        raise NotFound("You have no such open session.")
    await by.note(uow, member.organisation_id, "session.end", f"session:{session_id}")
