"""Licences that a DRM system's service makes, one pair of routes a system, in the form that its players speak.

Each system has a route for players that send the session's token, and one whose address is signed for the session,
which manifests name.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.dependencies import LicencePath, Player, Seen, Services
from api.errors import responses
from api.licence_route import NO_STORE, LicenceRoute, read_challenge, refusals_told
from api.services import ApiServices
from core.domain.drm.challenge import Challenge, KeySystem
from core.domain.drm.widevine_challenge import read_widevine_challenge
from core.domain.errors import NotFound
from core.ports import LicenceBackend
from core.services.licences.fairplay_request import read_fairplay_request
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


def _body(description: str, *content_types: str) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in content_types}
    return {"requestBody": {"required": True, "description": description, "content": content}}


_WIDEVINE = _body("The CDM's message as it is; `08 04` asks for the certificate.", "application/octet-stream")
_FAIRPLAY = _body(
    "The SPC as it is, in base64, as a form (`spc=`, `assetId=`) or as JSON; the answer comes in the same way.",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "application/json",
)
_PLAYREADY = _body("The SOAP message AcquireLicense.", "text/xml")


@router.post("/widevine", openapi_extra=_WIDEVINE, response_class=Response)
async def create_widevine_licence(request: Request, player: Player, seen: Seen, services: Services) -> Response:
    """A Widevine licence, renewal, release, or the service's certificate, as the message asks."""
    return await _widevine(request, services, Applicant(player, seen))


@router.post("/widevine/{licence}", openapi_extra=_WIDEVINE, response_class=Response)
async def create_signed_widevine_licence(
    request: Request, player: LicencePath, seen: Seen, services: Services
) -> Response:
    """The same at the address that manifests name."""
    return await _widevine(request, services, Applicant(player, seen))


@router.get("/fairplay/certificate", response_class=Response)
async def get_fairplay_certificate(services: Services) -> Response:
    """The operator's FairPlay certificate, in DER. Public: players fetch it before they know anything."""
    certificate = await _backend(services, KeySystem.FAIRPLAY).certificate()
    return Response(certificate, media_type="application/pkix-cert", headers={"Cache-Control": "public, max-age=3600"})


@router.post("/fairplay", openapi_extra=_FAIRPLAY, response_class=Response)
async def create_fairplay_licence(
    request: Request, player: Player, seen: Seen, services: Services, persistent: Persistent = False
) -> Response:
    """A FairPlay CKC."""
    return await _fairplay(request, services, Applicant(player, seen), persistent=persistent)


@router.post("/fairplay/{licence}", openapi_extra=_FAIRPLAY, response_class=Response)
async def create_signed_fairplay_licence(
    request: Request, player: LicencePath, seen: Seen, services: Services, persistent: Persistent = False
) -> Response:
    """The same at the address that a redemption names."""
    return await _fairplay(request, services, Applicant(player, seen), persistent=persistent)


@router.post("/playready", openapi_extra=_PLAYREADY, response_class=Response)
async def create_playready_licence(
    request: Request, player: Player, seen: Seen, services: Services, persistent: Persistent = False
) -> Response:
    """PlayReady's AcquireLicenseResponse, a SOAP message."""
    return await _playready(request, services, Applicant(player, seen), persistent=persistent)


@router.post("/playready/{licence}", openapi_extra=_PLAYREADY, response_class=Response)
async def create_signed_playready_licence(
    request: Request, player: LicencePath, seen: Seen, services: Services, persistent: Persistent = False
) -> Response:
    """The same at the address that manifests name."""
    return await _playready(request, services, Applicant(player, seen), persistent=persistent)


async def _widevine(request: Request, services: ApiServices, applicant: Applicant) -> Response:
    body = await _issued(services, applicant, read_widevine_challenge(await read_challenge(request)))
    return Response(body, media_type="application/octet-stream", headers=NO_STORE)


async def _fairplay(request: Request, services: ApiServices, applicant: Applicant, *, persistent: bool) -> Response:
    asked = read_fairplay_request(await read_challenge(request), persistent=persistent)
    body, media_type = asked.answer(await _issued(services, applicant, asked.challenge))
    return Response(body, media_type=media_type, headers=NO_STORE)


async def _playready(request: Request, services: ApiServices, applicant: Applicant, *, persistent: bool) -> Response:
    challenge = read_playready_challenge(await read_challenge(request), persistent=persistent)
    return Response(await _issued(services, applicant, challenge), media_type="text/xml", headers=NO_STORE)


async def _issued(services: ApiServices, applicant: Applicant, challenge: Challenge) -> bytes:
    backend = _backend(services, challenge.system)
    now = services.clock.now()
    with refusals_told(services.refused_licences, applicant.claims, challenge.system):
        async with services.uow() as uow:
            issued = await issue_licence(uow, services.licence_front, backend, applicant, challenge, now)
            await uow.commit()
    return issued.body


def _backend(services: ApiServices, system: KeySystem) -> LicenceBackend:
    backend = services.licence_backends.get(system)
    if backend is None:
        raise NotFound("This installation makes no licences of this system.", code="SYSTEM_UNSUPPORTED")
    return backend
