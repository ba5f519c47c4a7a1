"""OTPs redeemed by players."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from fastapi import APIRouter, Request, Response

from api.dependencies import Services
from api.errors import responses
from api.schemas.otps import RedeemedOut, RedeemIn, redeemed_out
from api.viewer_address import viewer_address
from core.services.playback.redeem_otp import redeem_otp

#: Relative addresses: the page plays whatever name it was reached under.
_HERE = ""

router = APIRouter(prefix="/api/playback", tags=["playback"], responses=responses(400, 403, 404, 409, 413, 422, 503))


@router.post("/redeem")
async def redeem(request: Request, services: Services, response: Response, body: RedeemIn) -> RedeemedOut:
    """A session for an OTP. Public: the OTP is the credential. What it refuses, docs/guides/access.md lists."""
    settings = services.settings
    asked = body.request(viewer_address(request, settings), request.headers.get("user-agent"))
    async with services.uow() as uow:
        grant = await redeem_otp(
            uow,
            services.signing_keys,
            services.countries,
            services.leases,
            _HERE,
            asked,
            timedelta(seconds=settings.playback_ttl_seconds),
            services.clock.now(),
        )
        await uow.commit()
    response.headers["Cache-Control"] = "no-store"
    return redeemed_out(grant, replace(services.licence_places, public_url=_HERE))
