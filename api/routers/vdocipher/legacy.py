"""Version 2 of VdoCipher's API, as old client libraries call it: OTPs alone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from api.dependencies import Services, key_holder
from api.routers.vdocipher.fields import body_of, request_fields
from core.domain.access.lenient_values import text
from core.domain.access.otp_request import otp_policy
from core.domain.auth.permissions import Permission
from core.domain.errors import DomainError, NotFound, Unauthenticated
from core.domain.hex_id import is_hex_id
from core.services.playback.issue_otp import issue_otp

router = APIRouter(tags=["VdoCipher"])

_ERROR = {"description": "Known by its `error`.", "content": {"application/json": {"schema": {"type": "object"}}}}
_REQUEST = body_of(clientSecretKey={"type": "string"}, video={"type": "string"}, annotate={"type": "string"})


@router.post("/v2/otp", response_class=Response, responses={"4XX": _ERROR}, openapi_extra=_REQUEST)
@router.post("/v2/otp/", response_class=Response, include_in_schema=False)
async def create_legacy_otp(
    request: Request, services: Services, video: Annotated[str | None, Query()] = None
) -> Response:
    """`{"otp": …}`; the key is the form's `clientSecretKey`. Players make `playbackInfo` themselves."""
    try:
        fields = await request_fields(request)
        secret = text(fields.get("clientSecretKey"), "clientSecretKey", 200)
        caller = await key_holder(request, services, secret or "", Permission.OTP_ISSUE)
        video_id = video or text(fields.get("video"), "video", 100) or ""
        if not is_hex_id(video_id):
            raise NotFound("There is no such video.")
        policy, now = otp_policy(fields), services.clock.now()
        async with services.uow() as uow:
            issued = await issue_otp(uow, services.countries, caller.organisation_id, video_id, policy, now)
            await uow.commit()
    except DomainError as error:
        return _refused(error)
    return JSONResponse({"otp": issued.otp}, headers={"Cache-Control": "no-store"})


def _refused(error: DomainError) -> JSONResponse:
    if isinstance(error, NotFound):
        return JSONResponse({"error": "No video found"}, 404)
    status = 401 if isinstance(error, Unauthenticated) else 400
    return JSONResponse({"error": error.detail}, status)
