"""Begin a member's session: an access token for minutes, and a refresh token that carries it on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from core.db.models import MemberSession, RefreshToken, User
from core.db.unit_of_work import UnitOfWork
from core.domain.auth.key_schedule import TOKEN_LIFE
from core.services.tokens.access_token import AccessClaims, issue_access_token
from core.services.tokens.opaque_token import hash_of, new_token
from core.services.tokens.token_keys import TokenKeys

ABSOLUTE = timedelta(days=90)
"""After this a member signs in again, however busy they are (ASVS 7.3.2)."""
IDLE = timedelta(days=14)
"""A refresh token that is not used for so long is good for nothing."""
_LONGEST_AGENT = 300


@dataclass(frozen=True)
class SignIn:
    """How, from where and when a session begins. `address` and `user_agent` may be empty."""

    method: str
    at: datetime
    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True)
class SessionTokens:
    """`expires_in` is of the access token, in seconds."""

    session_id: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int = int(TOKEN_LIFE.total_seconds())


@dataclass(frozen=True)
class TokenIssuer:
    """`issuer` is `iss` of access tokens: our public address."""

    keys: TokenKeys
    issuer: str

    async def access_token(self, session: MemberSession, now: datetime) -> str:
        """Raises KeyUnavailable."""
        claims = AccessClaims(session.organisation_id, session.user_id, session.id, session.impersonator)
        return await issue_access_token(self.keys, self.issuer, claims, now, session.expires_at)


async def start_session(uow: UnitOfWork, issuer: TokenIssuer, user: User, sign_in: SignIn) -> SessionTokens:
    """Raises KeyUnavailable. The caller commits."""
    session = MemberSession(
        id=uuid4().hex,
        organisation_id=user.organisation_id,
        user_id=user.id,
        method=sign_in.method,
        address=sign_in.address,
        user_agent=sign_in.user_agent[:_LONGEST_AGENT],
        created_at=sign_in.at,
        last_used_at=sign_in.at,
        expires_at=sign_in.at + ABSOLUTE,
    )
    access = await issuer.access_token(session, sign_in.at)
    await uow.member_sessions.add(session)
    return SessionTokens(session.id, access, await next_token(uow, session, None, sign_in.at))


async def next_token(uow: UnitOfWork, session: MemberSession, parent_id: str | None, now: datetime) -> str:
    """A refresh token of the session; we keep its hash."""
    token = new_token(session.organisation_id)
    row = RefreshToken(
        id=uuid4().hex,
        organisation_id=session.organisation_id,
        session_id=session.id,
        token_hash=hash_of(token),
        parent_id=parent_id,
        created_at=now,
    )
    await uow.member_sessions.add_token(row)
    return token
