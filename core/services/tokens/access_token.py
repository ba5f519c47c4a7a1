"""Access tokens: JWTs (RFC 7519, profile of RFC 9068) signed by Ed25519 (RFC 8037), ten minutes long."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import jwt

from core.domain.auth.key_schedule import LEEWAY, TOKEN_LIFE
from core.domain.auth.permissions import Permission
from core.domain.errors import Unauthenticated
from core.services.tokens.token_keys import TokenKeys

AUDIENCE = "sealcast-api"
TYPE = "at+jwt"
_ALGORITHM = "EdDSA"
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_KID = re.compile(r"[0-9a-f]{16}", re.ASCII)
_LONGEST = 2000
#: Any other header could only lead the verifier astray: to keys of the sender's (jwk, jku, x5u), or past a rule (crit).
_HEADERS = {"alg", "kid", "typ"}


@dataclass(frozen=True)
class AccessClaims:
    """Of a member's session, or, without one, of the OAuth client `subject`: an API key.

    `impersonator` is `act` of RFC 8693; `scopes` None means all that the subject may do.
    """

    organisation_id: str
    subject: str
    session_id: str | None
    impersonator: str | None = None
    scopes: frozenset[Permission] | None = None


async def issue_access_token(
    keys: TokenKeys, issuer: str, claims: AccessClaims, now: datetime, expires_at: datetime | None = None
) -> str:
    """It ends with `expires_at` where that is sooner. Raises KeyUnavailable."""
    kid, private = await keys.signing(now)
    ends = now + TOKEN_LIFE if expires_at is None else min(now + TOKEN_LIFE, expires_at)
    payload: dict[str, Any] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": claims.subject,
        "org": claims.organisation_id,
        "iat": int(now.timestamp()),
        "exp": int(ends.timestamp()),
        "jti": uuid4().hex,
    }
    payload |= {"sid": claims.session_id} if claims.session_id else {"client_id": claims.subject}
    if claims.impersonator is not None:
        payload["act"] = {"sub": claims.impersonator}
    if claims.scopes is not None:
        payload["scope"] = " ".join(sorted(claims.scopes))
    return jwt.encode(payload, private, algorithm=_ALGORITHM, headers={"kid": kid, "typ": TYPE})


async def read_access_token(keys: TokenKeys, issuer: str, token: str, now: datetime) -> AccessClaims:
    """Raises Unauthenticated, with the same words whatever is wrong."""
    payload = await _payload(keys, issuer, token, now)
    issued, expires = payload["iat"], payload["exp"]
    if not all(type(time) is int for time in (issued, expires)):
        raise _refused()
    # Our own clock decides, so that there is one place for it; how old a token gets is ours to say, too.
    latest = now + LEEWAY
    if now.timestamp() >= expires or issued > latest.timestamp() or expires - issued > TOKEN_LIFE.total_seconds():
        raise _refused()
    return _claims(payload)


async def _payload(keys: TokenKeys, issuer: str, token: str, now: datetime) -> dict[str, Any]:
    header = _header(token)
    key = await keys.verifying(header["kid"], now)
    if key is None:
        raise _refused()
    try:
        decoded: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[_ALGORITHM],
            audience=AUDIENCE,
            issuer=issuer,
            options={
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "strict_aud": True,
                "require": ["iss", "aud", "sub", "org", "iat", "exp", "jti"],
            },
        )
    except jwt.InvalidTokenError:
        raise _refused() from None
    if decoded != _without_doubles(token.split(".")[1]) or "nbf" in decoded:
        raise _refused()
    return decoded


def _header(token: str) -> dict[str, str]:
    if len(token) > _LONGEST or token.count(".") != 2:
        raise _refused()
    header = _without_doubles(token.partition(".")[0])
    kid = header.get("kid")
    if set(header) != _HEADERS or header["alg"] != _ALGORITHM or header["typ"] != TYPE:
        raise _refused()
    if not isinstance(kid, str) or not _KID.fullmatch(kid):
        raise _refused()
    return header


def _without_doubles(part: str) -> dict[str, Any]:
    """The JSON object of one part. One that says something twice could mean two things to two readers."""
    try:
        raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        found = json.loads(raw, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise _refused() from None
    if not isinstance(found, dict):
        raise _refused()
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("said twice")
    return found


def _claims(payload: dict[str, Any]) -> AccessClaims:
    ids = [payload["org"], payload["sub"]] + ([payload["sid"]] if "sid" in payload else [])
    if not all(isinstance(value, str) and _ID.fullmatch(value) for value in ids):
        raise _refused()
    session_id: str | None = payload.get("sid")
    if session_id is None and payload.get("client_id") != payload["sub"]:
        raise _refused()
    actor = payload.get("act")
    impersonator = actor.get("sub") if isinstance(actor, dict) else None
    if "act" in payload and not isinstance(impersonator, str):
        raise _refused()
    return AccessClaims(payload["org"], payload["sub"], session_id, impersonator, _scopes(payload))


def _scopes(payload: dict[str, Any]) -> frozenset[Permission] | None:
    if "scope" not in payload:
        return None
    names = payload["scope"].split() if isinstance(payload["scope"], str) else []
    return frozenset(permission for permission in Permission if permission.value in names)


def _refused() -> Unauthenticated:
    return Unauthenticated("The access token is not valid, or it has expired.")
