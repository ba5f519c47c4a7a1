"""Act in a member's place, to help them: for a short while, on the record, and marked in every token."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from core.db.models import MemberSession
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import InvalidInput, NotFound
from core.services.accounts.start_session import TokenIssuer
from core.services.audit.signed_by import SignedBy

LASTS = timedelta(minutes=10)


async def impersonate(
    uow: UnitOfWork, issuer: TokenIssuer, email: str, reason: str, supporter: str, by: SignedBy
) -> str:
    """An access token of a session without a refresh token: after ten minutes it has to be asked for, and noted, again.

    Raises NotFound, InvalidInput without a reason, KeyUnavailable. The caller commits.
    """
    if not reason.strip():
        raise InvalidInput("Say why: the organisation's audit log shows it.", fields={"reason": "missing"})
    user = await uow.members.by_email(email.strip().lower())
    if user is None:
        raise NotFound("There is no member with this address.")
    session = MemberSession(
        id=uuid4().hex,
        organisation_id=user.organisation_id,
        user_id=user.id,
        method="support",
        impersonator=supporter,
        address=by.address,
        user_agent="",
        created_at=by.at,
        last_used_at=by.at,
        expires_at=by.at + LASTS,
    )
    token = await issuer.access_token(session, by.at)
    await uow.member_sessions.add(session)
    details = {"user": user.id, "reason": reason.strip()[:500]}
    await by.note(uow, user.organisation_id, "session.impersonate", f"session:{session.id}", details)
    return token
