"""What needs no key: facts about a published video, and the operator's demo."""

from __future__ import annotations

from fastapi import Response

from api.compatible_route import CompatibleRouter
from api.dependencies import Services, VideoId
from api.schemas.otps import OtpOut
from api.schemas.vdocipher.meta import MetaOut, meta_out
from core.domain.access.otp_request import otp_policy
from core.domain.errors import NotFound
from core.services.playback.issue_otp import issue_otp
from core.services.videos.public_facts import public_facts

router = CompatibleRouter("/api", "VdoCipher")

_DEMO = {"ttl": 300}


@router.get("/meta/{video_id}")
async def read_meta(video_id: VideoId, services: Services) -> MetaOut:
    """Title, length and posters, for pages and apps that have the id."""
    async with services.uow() as uow:
        return meta_out(await public_facts(uow, video_id), services.settings.public_url)


@router.get("/site/homepage_video")
async def read_demo(services: Services, response: Response) -> OtpOut:
    """An OTP of the video that the operator shows to anybody, as VdoCipher's sample apps ask for it."""
    video_id = services.settings.demo_video
    async with services.uow() as uow:
        organisation_id = await uow.videos.owner_of(video_id) if video_id else None
    if video_id is None or organisation_id is None:
        raise NotFound("There is no demo here.")
    async with services.uow() as uow:
        now = services.clock.now()
        issued = await issue_otp(uow, services.countries, organisation_id, video_id, otp_policy(_DEMO), now)
        await uow.commit()
    response.headers["Cache-Control"] = "no-store"
    return OtpOut(otp=issued.otp, playbackInfo=issued.playback_info)
