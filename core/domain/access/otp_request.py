"""The body of an OTP request, VdoCipher's fields and ours, as a policy. Unknown keys are ignored, as VdoCipher does."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from core.domain.access.lenient_fields import fields_of
from core.domain.access.lenient_values import flag, refused, structure, text, whole_number
from core.domain.access.location_fields import geo_rule, ordered_rules
from core.domain.access.otp_policy import DEFAULT_TTL, OtpPolicy
from core.domain.access.referrers import referrer_rule
from core.domain.access.watermarks import variables, watermark_items
from core.domain.playback.session_policy import WhenFull

LONGEST_TTL = 100 * 366 * 24 * 3600
_VIEWER_ID = re.compile(r"[A-Za-z0-9_-]{1,36}", re.ASCII)


def otp_request(body: bytes) -> OtpPolicy:
    """Nothing, `{}` and PHP's empty `[]` ask for the defaults. Raises InvalidInput, naming the field."""
    return otp_policy(fields_of(body))


def otp_policy(given: Mapping[str, Any]) -> OtpPolicy:
    """Raises InvalidInput, naming the field."""
    policy = OtpPolicy(
        ttl=whole_number(given.get("ttl"), "ttl", 1, LONGEST_TTL) or DEFAULT_TTL,
        uses=whole_number(given.get("uses"), "uses", 1, 1_000_000_000),
        viewer_id=_viewer_id(given.get("userId")),
        referrers=referrer_rule(given.get("whitelisthref")),
        geo=geo_rule(given.get("ipGeo")),
        ordered=ordered_rules(given.get("ipGeoRules")),
        max_streams=whole_number(given.get("maxStreams"), "maxStreams", 1, 1000),
        when_full=_when_full(given.get("whenFull")),
        max_devices=whole_number(given.get("maxDevices"), "maxDevices", 1, 1000),
        forced_bitrate=whole_number(given.get("forcedBitrate"), "forcedBitrate", 1, 1_000_000),
        bind_ip=given.get("bindIp") not in (None, "") and flag(given["bindIp"], "bindIp"),
        licence_rules=_licence_rules(given.get("licenseRules")),
        watermark=watermark_items(given.get("annotate")),
        variables=variables(given.get("variables")),
    )
    for field, limit in (("maxStreams", policy.max_streams), ("maxDevices", policy.max_devices)):
        if limit is not None and policy.viewer_id is None:
            raise refused(field, "counts per viewer: give userId as well")
    return policy


def _viewer_id(value: Any) -> str | None:
    viewer = text(value, "userId", 36)
    if viewer is not None and _VIEWER_ID.fullmatch(viewer) is None:
        raise refused("userId", "must be at most 36 of A-Z, a-z, 0-9, _ and -")
    return viewer


def _when_full(value: Any) -> WhenFull:
    choice = text(value, "whenFull", 32)
    if choice is not None and choice not in list(WhenFull):
        raise refused("whenFull", f"must be one of {', '.join(WhenFull)}")
    return WhenFull(choice) if choice else WhenFull.OLDEST_WINS


def _licence_rules(value: Any) -> dict[str, Any]:
    """An object; what its rules mean is the licence policy's to say."""
    rules = structure(value, "licenseRules")
    if rules == []:
        return {}
    if rules is not None and not isinstance(rules, dict):
        raise refused("licenseRules", "must be an object")
    return rules or {}
