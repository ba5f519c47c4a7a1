"""Licences that we make ourselves: ClearKey, and the keys of HLS AES-128."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import JSONResponse

from api.dependencies import LicencePath, Player, Seen, Services
from api.errors import responses
from api.licence_route import NO_STORE, LicenceRoute, read_challenge, refusals_told
from api.services import ApiServices
from core.domain.drm.challenge import KeySystem
from core.services.licences.clearkey_request import requested_kids
from core.services.licences.grant_aes128 import grant_aes128
from core.services.licences.grant_clearkey import grant_clearkey
from core.services.licences.grant_licence import Applicant

router = APIRouter(
    prefix="/api/licences",
    tags=["licences"],
    responses=responses(401, 403, 404, 413, 422, 503),
    route_class=LicenceRoute,
)

KeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 lower-case hex digits.")]

_REQUEST: dict[str, Any] = {
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
    return await _clearkey(request, services, Applicant(player, seen))


@router.post("/clearkey/{licence}", openapi_extra=_REQUEST, response_class=JSONResponse)
async def create_signed_clearkey_licence(
    request: Request, player: LicencePath, seen: Seen, services: Services
) -> JSONResponse:
    """The same for players without a header of their own, at the address that sessions and manifests name."""
    return await _clearkey(request, services, Applicant(player, seen))


@router.get("/aes128/{licence}/{kid}", response_class=Response)
async def read_aes128_key(player: LicencePath, seen: Seen, kid: KeyId, services: Services) -> Response:
    """The 16 bytes of one key of an HLS version under AES-128, at the address that its playlists name."""
    with refusals_told(services.refused_licences, player, KeySystem.AES128):
        async with services.uow() as uow:
            key = await grant_aes128(uow, services.licence_front, Applicant(player, seen), kid, services.clock.now())
    return Response(key, headers=NO_STORE, media_type="application/octet-stream")


async def _clearkey(request: Request, services: ApiServices, applicant: Applicant) -> JSONResponse:
    kids = requested_kids(await read_challenge(request))
    with refusals_told(services.refused_licences, applicant.claims, KeySystem.CLEARKEY):
        async with services.uow() as uow:
            licence = await grant_clearkey(uow, services.licence_front, applicant, kids, services.clock.now())
    return JSONResponse(licence, headers=NO_STORE)
