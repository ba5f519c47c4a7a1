"""An OpenID Connect provider, as its client sees it (OpenID Connect Core 1.0 and Discovery 1.0).

Its addresses are an organisation's word: they are called as those of customers are, never inside our network.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

import jwt
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from core.domain.auth.key_schedule import LEEWAY
from core.domain.errors import Unauthenticated, Unavailable
from core.ports import CustomerServer, CustomerUnreachable
from core.services.sso.ticket import Ticket

_ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
_SCOPE = "openid email profile"
_LONGEST_TOKEN = 16_000


@dataclass(frozen=True)
class Provider:
    """What discovery says, of what we need."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str

    @classmethod
    async def discover(cls, server: CustomerServer, issuer: str) -> Provider:
        """Raises Unavailable (SSO_UNAVAILABLE) when it does not answer, or is not who it should be."""
        url = issuer.rstrip("/") + "/.well-known/openid-configuration"
        found = await _json(server, url)
        names = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
        values = [found.get(name) for name in names]
        if values[0] != issuer or not all(isinstance(value, str) for value in values):
            raise _unavailable("its description is of another issuer, or not complete")
        return cls(*(str(value) for value in values))

    def authorization_url(self, client_id: str, redirect_uri: str, ticket: Ticket) -> str:
        """With state, nonce and PKCE (RFC 7636, S256)."""
        return str(
            prepare_grant_uri(
                self.authorization_endpoint,
                client_id,
                "code",
                redirect_uri=redirect_uri,
                scope=_SCOPE,
                state=ticket.state,
                nonce=ticket.nonce,
                code_challenge=create_s256_code_challenge(ticket.verifier),
                code_challenge_method="S256",
            )
        )

    async def exchange(
        self, server: CustomerServer, client: tuple[str, str], redirect_uri: str, code: str, ticket: Ticket
    ) -> str:
        """The ID token for a code; the client is an id and a secret. Raises Unauthenticated (SSO_REFUSED)."""
        body = prepare_token_request(
            "authorization_code", redirect_uri=redirect_uri, code=code, code_verifier=ticket.verifier
        )
        name = ":".join(quote_plus(part) for part in client)
        headers = {
            "Authorization": "Basic " + base64.b64encode(name.encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/json",
        }
        try:
            status, answer = await server.post(self.token_endpoint, body.encode(), headers)
        except CustomerUnreachable as error:
            raise _unavailable(str(error)) from None
        token = _object(answer).get("id_token") if status == 200 else None
        if not isinstance(token, str):
            raise refused("the provider did not accept the code")
        return token

    async def identity(
        self, server: CustomerServer, token: str, client_id: str, nonce: str, now: datetime
    ) -> Mapping[str, Any]:
        """The claims of an ID token (Core, section 3.1.3.7). Raises Unauthenticated (SSO_REFUSED)."""
        keys = await _json(server, self.jwks_uri)
        try:
            claims: dict[str, Any] = jwt.decode(
                token if len(token) <= _LONGEST_TOKEN else "",
                _key(keys, token),
                algorithms=_ALGORITHMS,
                audience=client_id,
                issuer=self.issuer,
                options={
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_nbf": False,
                    "require": ["iss", "sub", "aud", "exp", "iat", "nonce"],
                },
            )
        except (jwt.InvalidTokenError, jwt.PyJWKError, jwt.PyJWKSetError):
            raise refused("its token is not valid") from None
        _check(claims, client_id, nonce, now)
        return claims


def _key(keys: Mapping[str, Any], token: str) -> jwt.PyJWK:
    """By the token's `kid`, in the provider's own set: never by an address or a key in the token."""
    kid = jwt.get_unverified_header(token).get("kid")
    found = [key for key in jwt.PyJWKSet.from_dict(dict(keys)).keys if kid is None or key.key_id == kid]
    if len(found) != 1 or found[0].public_key_use not in (None, "sig"):
        raise refused("its token is signed by no key of its own")
    return found[0]


def _check(claims: Mapping[str, Any], client_id: str, nonce: str, now: datetime) -> None:
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    times = [claims["exp"], claims["iat"]]
    good = (
        claims["nonce"] == nonce
        and isinstance(claims["sub"], str)
        and 0 < len(claims["sub"]) <= 255
        and claims.get("azp", None if several else client_id) == client_id
        and all(isinstance(time, int) and not isinstance(time, bool) for time in times)
        and now.timestamp() < claims["exp"] + LEEWAY.total_seconds()
        and claims["iat"] <= (now + LEEWAY).timestamp()
    )
    if not good:
        raise refused("its token is not for this sign-in")


async def _json(server: CustomerServer, url: str) -> dict[str, Any]:
    try:
        status, body = await server.get(url)
    except CustomerUnreachable as error:
        raise _unavailable(str(error)) from None
    if status != 200:
        raise _unavailable(f"status {status}")
    return _object(body)


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _unavailable("its answer is no JSON object")
    return found


def refused(reason: str) -> Unauthenticated:
    return Unauthenticated(f"Single sign-on was refused: {reason}.", code="SSO_REFUSED")


def _unavailable(reason: str) -> Unavailable:
    return Unavailable(f"Your organisation's provider cannot be used: {reason}.", code="SSO_UNAVAILABLE")
