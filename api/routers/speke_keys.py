"""The SPEKE key provider, for packagers that speak SPEKE v2.0 or v2.1."""

from __future__ import annotations

from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Header, Request, Response

from api.dependencies import Packager, Services
from api.errors import responses
from core.domain.drm.speke import SpekeRefused, speke_version
from core.services.key_server.serve_speke import serve_speke

_log = structlog.get_logger(__name__)

_USER_AGENT = "Sealcast"

router = APIRouter(prefix="/keys/speke", tags=["key servers"], responses=responses(401, 413, 503))

_CPIX = {"application/xml": {"schema": {"type": "string", "description": "CPIX 2.3 or 2.4."}}}
_DOCUMENTED = {
    "requestBody": {"required": True, "content": _CPIX},
    "responses": {"200": {"description": "The document, filled in.", "content": _CPIX}},
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    422: {"description": "SPEKE's error message.", "content": {"text/plain": {"schema": {"type": "string"}}}}
}


@router.post("/v2/copyProtection", openapi_extra=_DOCUMENTED, responses=_REFUSED, response_class=Response)
async def copy_protection(
    request: Request,
    packager: Packager,
    services: Services,
    x_speke_version: Annotated[str | None, Header(description="2.0 or 2.1")] = None,
) -> Response:
    """Content keys and DRM signalling for the encryption contract in the document."""
    body = await request.body()
    headers = {"X-Speke-User-Agent": _USER_AGENT, "Cache-Control": "no-store"}
    try:
        version = speke_version(x_speke_version)
        headers["X-Speke-Version"] = version.value
        async with services.uow() as uow:
            answer = await serve_speke(uow, services.vault, packager, body, version, services.clock.now())
            await uow.commit()
    except SpekeRefused as refusal:
        _log.info("key request refused", protocol="speke", organisation=packager.organisation_id, reason=refusal.detail)
        return Response(refusal.detail, 422, headers, "text/plain; charset=utf-8")
    return Response(answer, 200, headers, "application/xml")
