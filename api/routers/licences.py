"""Licences for players, one route a system, in the form that its players speak."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from api.dependencies import Player, Seen, Services
from api.errors import responses
from api.licence_route import LicenceRoute, read_body
from api.services import ApiServices
from core.domain.drm.challenge import Challenge, KeySystem
from core.domain.drm.widevine_challenge import read_widevine_challenge
from core.domain.errors import NotFound
from core.ports import LicenceBackend
from core.services.licences.clearkey_request import requested_kids
from core.services.licences.fairplay_request import read_fairplay_request
from core.services.licences.grant_clearkey import grant_clearkey
from core.services.licences.grant_licence import Applicant
from core.services.licences.issue_licence import issue_licence
from core.services.licences.playready_request import read_playready_challenge

router = APIRouter(
    prefix="/api/licences",
    tags=["licences"],
    responses=responses(401, 403, 404, 413, 422, 503),
    route_class=LicenceRoute,
)

Persistent = Annotated[bool, Query(description="Ask for a licence that the device keeps for offline use.")]

_NO_STORE = {"Cache-Control": "no-store"}


def _body(description: str, *content_types: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    content = {kind: {"schema": schema or {"type": "string", "format": "binary"}} for kind in content_types}
    return {"requestBody": {"required": True, "description": description, "content": content}}


_CLEARKEY = _body(
    "W3C Encrypted Media Extensions, section 9.1.3. Any content type, or none.",
    "application/json",
    schema={
        "type": "object",
        "required": ["kids"],
        "properties": {
            "kids": {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 64},
            "type": {"type": "string", "enum": ["temporary"]},
        },
    },
)
_WIDEVINE = _body("The CDM's message as it is; `08 04` asks for the certificate.", "application/octet-stream")
_FAIRPLAY = _body(
    "The SPC as it is, in base64, as a form (`spc=`, `assetId=`) or as JSON; the answer comes in the same way.",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "application/json",
)
_PLAYREADY = _body("The SOAP message AcquireLicense.", "text/xml")


@router.post("/clearkey", openapi_extra=_CLEARKEY, response_class=JSONResponse)
async def create_clearkey_licence(request: Request, player: Player, seen: Seen, services: Services) -> JSONResponse:
    """The keys of the session's video, as a JSON Web Key set. Key ids of others are left out."""
    kids = requested_kids(await read_body(request))
    async with services.uow() as uow:
        licence = await grant_clearkey(uow, services.licence_front, Applicant(player, seen), kids, services.clock.now())
        await uow.commit()
    return JSONResponse(licence, headers=_NO_STORE)


@router.post("/widevine", openapi_extra=_WIDEVINE, response_class=Response)
async def create_widevine_licence(request: Request, player: Player, seen: Seen, services: Services) -> Response:
    """A Widevine licence, renewal, release, or the service's certificate, as the message asks."""
    challenge = read_widevine_challenge(await read_body(request))
    body = await _issued(services, Applicant(player, seen), challenge)
    return Response(body, media_type="application/octet-stream", headers=_NO_STORE)


@router.post("/fairplay", openapi_extra=_FAIRPLAY, response_class=Response)
async def create_fairplay_licence(
    request: Request, player: Player, seen: Seen, services: Services, persistent: Persistent = False
) -> Response:
    """A FairPlay CKC."""
    asked = read_fairplay_request(await read_body(request), persistent=persistent)
    body, media_type = asked.answer(await _issued(services, Applicant(player, seen), asked.challenge))
    return Response(body, media_type=media_type, headers=_NO_STORE)


@router.get("/fairplay/certificate", response_class=Response)
async def get_fairplay_certificate(services: Services) -> Response:
    """The operator's FairPlay certificate, in DER. Public: players fetch it before they know anything."""
    certificate = await _backend(services, KeySystem.FAIRPLAY).certificate()
    return Response(certificate, media_type="application/pkix-cert", headers={"Cache-Control": "public, max-age=3600"})


@router.post("/playready", openapi_extra=_PLAYREADY, response_class=Response)
async def create_playready_licence(
    request: Request, player: Player, seen: Seen, services: Services, persistent: Persistent = False
) -> Response:
    """PlayReady's AcquireLicenseResponse, a SOAP message."""
    challenge = read_playready_challenge(await read_body(request), persistent=persistent)
    body = await _issued(services, Applicant(player, seen), challenge)
    return Response(body, media_type="text/xml", headers=_NO_STORE)


async def _issued(services: ApiServices, applicant: Applicant, challenge: Challenge) -> bytes:
    backend = _backend(services, challenge.system)
    async with services.uow() as uow:
        issued = await issue_licence(uow, services.licence_front, backend, applicant, challenge, services.clock.now())
        await uow.commit()
    return issued.body


def _backend(services: ApiServices, system: KeySystem) -> LicenceBackend:
    backend = services.licence_backends.get(system)
    if backend is None:
        raise NotFound("This installation makes no licences of this system.", code="SYSTEM_UNSUPPORTED")
    return backend
