"""Bodies of the OTP routes."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from api.schemas.playback import PlayerSessionOut, player_session_out
from api.schemas.text import CleanText, Strict
from core.domain.drm.systems import DrmSystem
from core.services.playback.addresses import LicencePlaces
from core.services.playback.grant import PlaybackGrant
from core.services.playback.redeem_request import RedeemRequest

#: Key systems as Encrypted Media Extensions name them.
_EME = {
    DrmSystem.CLEARKEY: "org.w3.clearkey",
    DrmSystem.WIDEVINE: "com.widevine.alpha",
    DrmSystem.FAIRPLAY: "com.apple.fps",
    DrmSystem.PLAYREADY: "com.microsoft.playready",
}

#: Of `POST /api/videos/{id}/otp`, for documentation: it is read by hand. docs/guides/access.md has every field.
OTP_REQUEST: dict[str, Any] = {
    "type": "object",
    "properties": {
        "ttl": {"type": "integer", "default": 21600, "description": "Seconds in which it can be redeemed."},
        "uses": {"type": "integer", "description": "How often; without it, any number of times."},
        "userId": {"type": "string", "maxLength": 36},
        "whitelisthref": {"description": "RE2 pattern found in the embedding page's host, or an array of domains."},
        "ipGeo": {"description": "Object (or a string that holds it): allow or block, and except."},
        "ipGeoRules": {"description": "Array (or a string that holds it) of ordered rules."},
        "licenseRules": {"description": "Object, or a string that holds it."},
        "annotate": {"description": "Array (or a string that holds it) of watermark items."},
        "variables": {"type": "object", "description": "Texts for {name} in the watermark."},
        "forcedBitrate": {"type": "integer", "description": "kbit/s"},
        "maxStreams": {"type": "integer"},
        "whenFull": {"type": "string", "enum": ["oldest_wins", "newest_wins"]},
        "maxDevices": {"type": "integer"},
        "bindIp": {"type": "boolean", "description": "Licences only for the address that redeems."},
    },
}


class OtpOut(BaseModel):
    """VdoCipher's answer; it has no other keys."""

    otp: str = Field(min_length=64, max_length=64)
    playbackInfo: str = Field(description='Base64 of `{"videoId": "…"}`.')  # noqa: N815 - VdoCipher's name


class RedeemIn(Strict):
    """`otp` and `playbackInfo` as the player page got them."""

    model_config = ConfigDict(populate_by_name=True)

    otp: Annotated[CleanText, Field(max_length=200)]
    playback_info: Annotated[CleanText, Field(max_length=1000, alias="playbackInfo")]
    nonce: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_-]{16,64}$",
        description="Random, one per page load: with it, a request that is sent again gets the same answer.",
    )
    device_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._-]{1,255}$")
    href: Annotated[CleanText, Field(max_length=4096)] | None = Field(
        default=None, description="Address of the page that embeds the player, or of the player's own."
    )

    def request(self, ip_address: str | None, user_agent: str | None) -> RedeemRequest:
        return RedeemRequest(
            self.otp, self.playback_info, self.nonce, self.device_id, self.href, ip_address, user_agent
        )


class RedeemedOut(PlayerSessionOut):
    """A session as `GET /api/playback/session` describes it, and its token."""

    session_id: str
    token: str
    licence_urls: dict[str, str] = Field(description="By EME key system.")


def redeemed_out(grant: PlaybackGrant, places: LicencePlaces) -> RedeemedOut:
    licences = places.of(grant.addresses.licence_token)
    return RedeemedOut(
        **player_session_out(grant).model_dump(),
        session_id=grant.session_id,
        token=grant.token,
        licence_urls={_EME[system]: url for system, url in licences.items()},
    )
