"""End the session that a refresh token belongs to."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork
from core.services.audit.signed_by import SignedBy
from core.services.tokens.opaque_token import hash_of, organisation_of


async def log_out(uow: UnitOfWork, token: str, by: SignedBy) -> str | None:
    """The session's id; None when the token leads to none. Safe to repeat. The caller commits."""
    organisation_id = organisation_of(token)
    row = await uow.member_sessions.token(organisation_id, hash_of(token)) if organisation_id else None
    session = await uow.member_sessions.lock(row.organisation_id, row.session_id) if row else None
    if session is None:
        return None
    if await uow.member_sessions.end(session.organisation_id, session.user_id, session.id, "logout", by.at):
        await by.note(uow, session.organisation_id, "session.end", f"session:{session.id}", {"user": session.user_id})
    return session.id
