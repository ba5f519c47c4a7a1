"""Find out who an access token belongs to, and what they may do today: roles are not in the token."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.auth.permissions import known_roles
from core.domain.errors import Unauthenticated
from core.services.organisations.authenticate_api_key import credential_of
from core.services.organisations.credential import Credential
from core.services.organisations.principal import CallerKind, Principal
from core.services.tokens.access_token import AccessClaims


async def authenticate_token(uow: UnitOfWork, claims: AccessClaims, now: datetime) -> Credential:
    """Raises Unauthenticated when the session is over or the member gone, or the client's key is."""
    if claims.session_id is None:
        return await _client(uow, claims, now)
    found = await uow.member_sessions.with_user(claims.organisation_id, claims.session_id)
    if found is None:
        raise _refused()
    session, user = found
    if session.user_id != claims.subject or session.ended_at is not None or now >= session.expires_at:
        raise _refused()
    principal = Principal(
        organisation_id=user.organisation_id,
        key_id=user.id,
        roles=known_roles([user.role]),
        kind=CallerKind.USER,
        session_id=session.id,
        impersonator=session.impersonator,
    )
    return Credential(principal, session.expires_at)


async def _client(uow: UnitOfWork, claims: AccessClaims, now: datetime) -> Credential:
    key = await uow.api_keys.get(claims.organisation_id, claims.subject)
    if key is None:
        raise _refused()
    credential = credential_of(key, now)
    return replace(credential, principal=replace(credential.principal, kind=CallerKind.CLIENT))


def _refused() -> Unauthenticated:
    return Unauthenticated("The session is over. Sign in again.")
