"""Promise one viewer, or many, that they may play a video under a policy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from core.db.models import Otp
from core.db.unit_of_work import UnitOfWork
from core.domain.access.otp_policy import OtpPolicy
from core.domain.access.playback_info import playback_info
from core.domain.drm.licence_policy import LicencePolicy
from core.domain.errors import Conflict, InvalidInput
from core.ports import CountryLookup
from core.services.playback.otp_secret import hash_of, new_otp
from core.services.playback.playable import playable_version


@dataclass(frozen=True)
class IssuedOtp:
    """The OTP is shown this once; we keep its hash."""

    otp: str = field(repr=False)
    playback_info: str


async def issue_otp(
    uow: UnitOfWork,
    countries: CountryLookup | None,
    organisation_id: str,
    video_id: str,
    policy: OtpPolicy,
    now: datetime,
) -> IssuedOtp:
    """Raises NotFound, Conflict (NOT_READY), InvalidInput (GEOIP_UNAVAILABLE, LICENCE_RULES_INVALID).

    The caller commits.
    """
    # Here and not at the first licence: whoever wrote the rules can mend them now.
    LicencePolicy.from_rules(policy.licence_rules)
    if policy.names_countries and countries is None:
        raise InvalidInput(
            "This server has no database of countries (SEALCAST_GEOIP_DATABASE), so that a rule on countries would"
            " refuse everybody. Use addresses, or ask the operator for a database.",
            code="GEOIP_UNAVAILABLE",
        )
    secret = new_otp(organisation_id)
    otp = Otp(
        id=uuid4().hex,
        organisation_id=organisation_id,
        video_id=video_id,
        otp_hash=hash_of(secret),
        policy=policy.as_json(),
        uses_left=policy.uses,
        created_at=now,
        expires_at=now + timedelta(seconds=policy.ttl),
    )
    if not await uow.otps.issue(otp):
        playable_version(await uow.videos.get(organisation_id, video_id))
        raise Conflict("The video has become playable this instant. Ask again.", code="NOT_READY")
    return IssuedOtp(secret, playback_info(video_id))
