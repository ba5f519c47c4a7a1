"""Exchange an API key for a short access token: OAuth 2.0 client credentials, for machines that speak OAuth.

The client is the key: its id and its secret. So roles, expiry, networks, rotation and revocation are the key's.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.auth.key_schedule import TOKEN_LIFE
from core.domain.auth.oauth import OauthRefused, TokenRequest
from core.domain.auth.permissions import Permission
from core.domain.errors import Forbidden, Unauthenticated
from core.services.accounts.start_session import TokenIssuer
from core.services.organisations.authenticate_api_key import authenticate_api_key
from core.services.tokens.access_token import AccessClaims, issue_access_token


@dataclass(frozen=True)
class ClientToken:
    """`expires_in` in seconds; `scopes` are what it is good for."""

    access_token: str = field(repr=False)
    expires_in: int
    scopes: frozenset[Permission]


async def grant_client_token(
    uow: UnitOfWork, issuer: TokenIssuer, request: TokenRequest, address: str | None, now: datetime
) -> ClientToken:
    """Raises OauthRefused, KeyUnavailable. The caller commits."""
    try:
        credential = await authenticate_api_key(uow, request.secret, now)
        client = credential.used_from(address)
    except (Unauthenticated, Forbidden):
        raise _unknown_client() from None
    if not hmac.compare_digest(client.key_id.encode(), request.client_id.encode()):
        raise _unknown_client()
    scopes = client.permissions if request.scopes is None else request.scopes
    if not scopes <= client.permissions:
        raise OauthRefused("invalid_scope", "The client may not do all of this.")
    ends = now + TOKEN_LIFE if credential.expires_at is None else min(now + TOKEN_LIFE, credential.expires_at)
    claims = AccessClaims(client.organisation_id, client.key_id, None, scopes=request.scopes)
    token = await issue_access_token(issuer.keys, issuer.issuer, claims, now, ends)
    return ClientToken(token, int((ends - now).total_seconds()), scopes)


def _unknown_client() -> OauthRefused:
    return OauthRefused("invalid_client", "There is no such client, or not with this secret, or not from here.")
