"""What a player says when it redeems an OTP, and what a policy makes of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from core.domain.access.addresses import address
from core.domain.access.admission import Attempt
from core.domain.access.locations import Place
from core.domain.access.otp_policy import OtpPolicy
from core.domain.access.referrers import host_of
from core.domain.access.watermarks import filled, request_values
from core.domain.playback.session_policy import SessionPolicy
from core.ports import CountriesUnavailable, CountryLookup

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class RedeemRequest:
    """`href` is the address of the embedding page, `nonce` the player's own random text. Never logged."""

    otp: str = field(repr=False)
    playback_info: str
    nonce: str | None = field(default=None, repr=False)
    device_id: str | None = field(default=None, repr=False)
    href: str | None = field(default=None, repr=False)
    ip_address: str | None = field(default=None, repr=False)
    user_agent: str | None = field(default=None, repr=False)

    @property
    def fingerprint(self) -> str | None:
        """The same for the same player only; None when it named no nonce."""
        if self.nonce is None:
            return None
        return hashlib.sha256(json.dumps([self.nonce, self.device_id, self.user_agent]).encode()).hexdigest()


def attempt_of(request: RedeemRequest, policy: OtpPolicy, countries: CountryLookup | None, now: datetime) -> Attempt:
    """The database of countries is asked only when the policy names one."""
    where, country, known = address(request.ip_address or ""), None, countries is not None
    if where is not None and countries is not None and policy.names_countries:
        try:
            country = countries.country(str(where))
        except CountriesUnavailable as error:
            known = False
            _log.exception("no countries", error=type(error).__name__)
    return Attempt(host_of(request.href), Place(where, country), known, request.device_id, now)


def session_policy(policy: OtpPolicy, request: RedeemRequest, now: datetime) -> SessionPolicy:
    """What the session is opened under, the watermark's variables filled in."""
    values = {**policy.variables, **request_values(policy.viewer_id, request.ip_address, now)}
    return SessionPolicy(
        max_streams=policy.max_streams,
        when_full=policy.when_full,
        max_devices=policy.max_devices,
        forced_bitrate=policy.forced_bitrate,
        bind_ip=policy.bind_ip,
        licence_rules=policy.licence_rules,
        watermark=filled(policy.watermark, values),
    )
