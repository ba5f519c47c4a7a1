"""Licences for players."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.dependencies import Player, Seen, Services
from api.errors import responses
from core.services.licences.clearkey_request import requested_kids
from core.services.licences.grant_clearkey import grant_clearkey

router = APIRouter(prefix="/api/licences", tags=["licences"], responses=responses(401, 403, 404, 413, 422, 503))

_MOST_BYTES = 64 * 1024

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
