"""Carry a session on: every refresh token is used once, and one that comes back ends its whole family.

RFC 9700, section 4.14.2. Two requests of one page may carry the same token at the same time: within `LEEWAY` the token
before the newest is taken once more, as long as no token that it led to has been used.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from core.db.models import MemberSession, RefreshToken
from core.db.unit_of_work import UnitOfWork
from core.services.accounts.start_session import IDLE, SessionTokens, TokenIssuer, next_token
from core.services.audit.signed_by import SignedBy
from core.services.tokens.opaque_token import hash_of, organisation_of

LEEWAY = timedelta(seconds=10)


async def refresh_session(uow: UnitOfWork, issuer: TokenIssuer, token: str, by: SignedBy) -> SessionTokens | None:
    """None when it is refused. The caller commits in any case: a refusal may have ended the session.

    Raises KeyUnavailable.
    """
    organisation_id = organisation_of(token)
    row = await uow.member_sessions.token(organisation_id, hash_of(token)) if organisation_id else None
    if row is None:
        return None
    session = await uow.member_sessions.lock(row.organisation_id, row.session_id)
    await uow.member_sessions.token_again(row)
    if session is None or not await _lives(uow, session, row, by.at):
        return None
    if row.used_at is None:
        row.used_at = by.at
    elif by.at - row.used_at > LEEWAY or await uow.member_sessions.has_used_child(row):
        await _end_family(uow, session, by)
        return None
    session.last_used_at = by.at
    access = await issuer.access_token(session, by.at)
    return SessionTokens(session.id, access, await next_token(uow, session, row.id, by.at))


async def _lives(uow: UnitOfWork, session: MemberSession, token: RefreshToken, now: datetime) -> bool:
    over = session.ended_at is not None or now >= session.expires_at or now >= token.created_at + IDLE
    return not over and await uow.members.get(session.organisation_id, session.user_id) is not None


async def _end_family(uow: UnitOfWork, session: MemberSession, by: SignedBy) -> None:
    """Somebody has a copy: nobody can tell who of the two is the member."""
    reason = "refresh_token_reused"
    await uow.member_sessions.end(session.organisation_id, session.user_id, session.id, reason, by.at)
    await by.note(uow, session.organisation_id, "session.reuse", f"session:{session.id}", {"user": session.user_id})
