"""The Widevine common-encryption key server, for Shaka Packager and others that speak its protocol."""

from __future__ import annotations

from typing import Annotated

import structlog
from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse

from api.dependencies import Services
from api.errors import LATER, responses
from core.services.key_server.serve_widevine import serve_widevine
from core.services.key_server.widevine_answer import refused
from core.services.key_server.widevine_request import WidevineRefused

_log = structlog.get_logger(__name__)

router = APIRouter(prefix="/keys/widevine", tags=["key servers"], responses=responses(413, 422))

OrganisationId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 lower-case hex digits.")]

_REQUEST = {
    "requestBody": {
        "required": True,
        "description": "SignedModularDrmRequest of Shaka Packager's widevine_common_encryption.proto, as JSON.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["request", "signature", "signer"],
                    "properties": {name: {"type": "string"} for name in ("request", "signature", "signer")},
                }
            }
        },
    }
}


@router.post("/{organisation_id}/getcontentkey", openapi_extra=_REQUEST, response_class=JSONResponse)
async def get_content_key(organisation_id: OrganisationId, request: Request, services: Services) -> JSONResponse:
    """Keys for a signed request. As the protocol has it, refusals are answers too: a `status` other than OK."""
    body = await request.body()
    try:
        async with services.uow() as uow:
            answer = await serve_widevine(uow, services.vault, organisation_id, body, services.clock.now())
            await uow.commit()
    except WidevineRefused as refusal:
        _log.info("key request refused", protocol="widevine", organisation=organisation_id, status=refusal.code)
        answer = refused(refusal.code, refusal.detail)
    except LATER as error:
        # The one status after which packagers try again by themselves.
        _log.warning("dependency unavailable", error=type(error).__name__)
        answer = refused("INTERNAL_ERROR", "Please try again.")
    return JSONResponse(answer, headers={"Cache-Control": "no-store"})
