"""The public keys of access tokens (RFC 7517), for whoever wants to check them without asking us."""

from __future__ import annotations

import base64
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.dependencies import Services
from api.errors import responses
from core.domain.auth.key_schedule import JWKS_CACHE

router = APIRouter(prefix="/.well-known", tags=["auth"], responses=responses(503))


class Jwk(BaseModel):
    """RFC 8037: `x` is the public key, base64url."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    alg: Literal["EdDSA"] = "EdDSA"
    use: Literal["sig"] = "sig"
    kid: str
    x: str


class JwkSet(BaseModel):
    keys: list[Jwk]


@router.get("/jwks.json")
async def read_jwks(services: Services, response: Response) -> JwkSet:
    """With the next key, before it signs, and the last, as long as its tokens live."""
    keys = await services.tokens.keys.published(services.clock.now())
    response.headers["Cache-Control"] = f"public, max-age={int(JWKS_CACHE.total_seconds())}"
    return JwkSet(keys=[Jwk(kid=key.kid, x=_base64url(key.public_key)) for key in keys])


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
