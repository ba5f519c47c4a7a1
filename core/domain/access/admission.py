"""May this request redeem that OTP? Pure, in a fixed order; the first rule that says no names the code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from core.domain.access.locations import Place
from core.domain.access.otp_policy import OtpPolicy


class Refusal(Enum):
    """Stable code, VdoCipher's number for it (docs drm/player/license-errors), and what the viewer reads."""

    OTP_INVALID = (2018, "This playback code is not valid. Ask for a new one.")
    OTP_EXPIRED = (2013, "This playback code has expired. Ask for a new one.")
    OTP_USED = (2018, "This playback code has been used up. Ask for a new one.")
    DOMAIN_NOT_ALLOWED = (2014, "The video may not be played on this page.")
    LOCATION_NOT_ALLOWED = (2015, "The video may not be played from where you are.")
    GEOIP_UNAVAILABLE = (2015, "The video depends on your country, which this server cannot find out.")
    DEVICE_UNKNOWN = (
        2018,
        "The video may be played on a limited number of devices, and this player did not name its own.",
    )

    @property
    def number(self) -> int:
        return int(self.value[0])

    @property
    def sentence(self) -> str:
        return str(self.value[1])


@dataclass(frozen=True)
class Attempt:
    """What is known about who redeems; `countries_known` is whether there is a database of countries that works."""

    host: str | None
    place: Place
    countries_known: bool
    device_id: str | None
    now: datetime


def refusal(policy: OtpPolicy, expires_at: datetime, attempt: Attempt) -> Refusal | None:
    """Expiry, page, place (`ipGeo` before `ipGeoRules`), device, in this order. None: go on to count the use."""
    if attempt.now >= expires_at:
        return Refusal.OTP_EXPIRED
    if policy.referrers is not None and not policy.referrers.permits(attempt.host):
        return Refusal.DOMAIN_NOT_ALLOWED
    for rule in (policy.geo, policy.ordered):
        permitted = True if rule is None else rule.permits(attempt.place)
        if permitted is None and not attempt.countries_known and policy.names_countries:
            return Refusal.GEOIP_UNAVAILABLE
        if not permitted:
            return Refusal.LOCATION_NOT_ALLOWED
    if policy.max_devices is not None and attempt.device_id is None:
        return Refusal.DEVICE_UNKNOWN
    return None
