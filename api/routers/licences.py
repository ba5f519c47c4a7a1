"""Licences for players."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.dependencies import LicencePath, Player, Seen, Services
from api.errors import responses
from api.services import ApiServices
from core.domain.playback.binding import Origin
from core.services.licences.clearkey_request import requested_kids
from core.services.licences.grant_aes128 import grant_aes128
from core.services.licences.grant_clearkey import grant_clearkey
from core.services.playback.token import PlaybackClaims

router = APIRouter(prefix="/api/licences", tags=["licences"], responses=responses(401, 403, 404, 413, 422, 503))

KeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 lower-case hex digits.")]

_MOST_BYTES = 64 * 1024

_PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}

_REQUEST = {
    "requestBody": {
        "required": True,
        "description": "W3C Encrypted Media Extensions, section 9.1.3. Any content type, or none.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["kids"],
                    "properties": {
                        "kids": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 64},
                        "type": {"type": "string", "enum": ["temporary"]},
                    },
                }
            }
        },
    }
}


@router.post("/clearkey", openapi_extra=_REQUEST, response_class=JSONResponse)
async def create_clearkey_licence(request: Request, player: Player, seen: Seen, services: Services) -> JSONResponse:
    """The keys of the session's video, as a JSON Web Key set. Key ids of others are left out."""
    return await _clearkey(request, player, seen, services)


@router.post("/clearkey/{licence}", openapi_extra=_REQUEST, response_class=JSONResponse)
async def create_signed_clearkey_licence(
    request: Request, player: LicencePath, seen: Seen, services: Services
) -> JSONResponse:
    """The same for players without a header of their own, at the address that sessions and manifests name."""
    return await _clearkey(request, player, seen, services)


@router.options("/clearkey/{licence}", status_code=204, include_in_schema=False)
async def preflight(licence: str) -> Response:  # noqa: ARG001
    """dash.js sends a content type, and so asks before it calls another origin."""
    return Response(status_code=204, headers=_PREFLIGHT)


@router.get("/aes128/{licence}/{kid}", response_class=Response)
async def read_aes128_key(player: LicencePath, seen: Seen, kid: KeyId, services: Services) -> Response:
    """The 16 bytes of one key of an HLS version under AES-128, at the address that its playlists name."""
    async with services.uow() as uow:
        key = await grant_aes128(uow, services.vault, player, seen, kid, services.clock.now())
        await uow.commit()
    return Response(key, headers={"Cache-Control": "no-store"}, media_type="application/octet-stream")


async def _clearkey(request: Request, player: PlaybackClaims, seen: Origin, services: ApiServices) -> JSONResponse:
    kids = requested_kids(await _body(request))
    async with services.uow() as uow:
        licence = await grant_clearkey(uow, services.vault, player, seen, kids, services.clock.now())
        await uow.commit()
    return JSONResponse(licence, headers={"Cache-Control": "no-store"})


async def _body(request: Request) -> bytes:
    """Read by hand: Shaka Player sends JSON without saying so."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST_BYTES:
            raise HTTPException(413, "A licence request is never this large.")
    return bytes(body)
