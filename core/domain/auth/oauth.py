"""The OAuth 2.0 token request for machines (RFC 6749, section 4.4), and its refusals (section 5.2)."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus

from core.domain.auth.permissions import Permission

_MOST_FIELDS = 20


class OauthRefused(Exception):
    """`error` is one of the RFC's; `description` is for people."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class TokenRequest:
    """`scopes` None asks for all that the client may do."""

    client_id: str
    secret: str = field(repr=False)
    scopes: frozenset[Permission] | None = None


def token_request(body: bytes, authorization: str | None) -> TokenRequest:
    """The client is in the header (Basic) or in the form, and not in both. Raises OauthRefused."""
    form = _form(body)
    if "grant_type" not in form:
        raise OauthRefused("invalid_request", "Say grant_type=client_credentials.")
    if form["grant_type"] != "client_credentials":
        raise OauthRefused("unsupported_grant_type", "Only client_credentials is offered here.")
    in_form = form.get("client_id"), form.get("client_secret")
    if authorization is not None:
        client_id, secret = _basic(authorization)
        if in_form[1] is not None or in_form[0] not in (None, client_id):
            raise OauthRefused("invalid_request", "Say who you are once: in the header, or in the form.")
    else:
        client_id, secret = in_form[0] or "", in_form[1] or ""
    return TokenRequest(client_id, secret, _scopes(form.get("scope")))


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise OauthRefused("invalid_request", "The body is not a form.") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise OauthRefused("invalid_request", "A field must not be sent twice.")
    return form


def _basic(authorization: str) -> tuple[str, str]:
    """RFC 6749, section 2.3.1: both parts are form-encoded before they are joined."""
    scheme, _, credential = authorization.partition(" ")
    try:
        client_id, colon, secret = base64.b64decode(credential, validate=True).decode("ascii").partition(":")
    except ValueError:
        colon = ""
    if scheme.lower() != "basic" or not colon:
        raise OauthRefused("invalid_client", "The Authorization header is not Basic.")
    return unquote_plus(client_id), unquote_plus(secret)


def _scopes(text: str | None) -> frozenset[Permission] | None:
    names: Sequence[str] = (text or "").split()
    known = {permission.value: permission for permission in Permission}
    if any(name not in known for name in names):
        raise OauthRefused("invalid_scope", "Scopes are names of permissions, separated by spaces.")
    return frozenset(known[name] for name in names) or None
