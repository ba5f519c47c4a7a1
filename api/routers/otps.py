"""OTPs, issued to a customer's backend as VdoCipher issues them (docs server/playbackauth/otp)."""

from __future__ import annotations

from fastapi import Request, Response

from api.bounded_body import read_body
from api.compatible_route import CompatibleRouter
from api.dependencies import OtpIssuer, Services, VideoId
from api.schemas.otps import OTP_REQUEST, OtpOut
from core.domain.access.otp_request import otp_request
from core.services.playback.issue_otp import issue_otp

router = CompatibleRouter("/api/videos", "playback")

_MOST_BYTES = 64 * 1024
_REQUEST = {
    "requestBody": {
        "required": False,
        "description": "Any content type, or none; nothing at all asks for the defaults.",
        "content": {"application/json": {"schema": OTP_REQUEST}},
    }
}


@router.post("/{video_id}/otp", openapi_extra=_REQUEST)
async def create_otp(
    request: Request, video_id: VideoId, caller: OtpIssuer, services: Services, response: Response
) -> OtpOut:
    """Let a viewer play the video under a policy. For servers: never call this from a page."""
    policy = otp_request(await read_body(request, _MOST_BYTES))
    async with services.uow() as uow:
        now = services.clock.now()
        issued = await issue_otp(uow, services.countries, caller.organisation_id, video_id, policy, now)
        await uow.commit()
    response.headers["Cache-Control"] = "no-store"
    return OtpOut(otp=issued.otp, playbackInfo=issued.playback_info)
