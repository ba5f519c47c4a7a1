"""A grant as Axinom's entitlement message, version 2 (docs.axinom.com, License Service, Entitlement Message)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from core.domain.drm.compile_fairplay import HdcpRequirement, hdcp_requirement
from core.domain.drm.compile_playready import minimum_level
from core.domain.drm.content_key import ContentKey
from core.domain.drm.levels import Hdcp, SecurityLevel
from core.domain.drm.licence_decision import LicenceGrant, TrackGrant

SealKey = Callable[[ContentKey], bytes]
"""A content key under the communication key: AES-256-CBC, one block, its IV the key id in network order."""

_LEVEL = {
    SecurityLevel.SW_CRYPTO: "SW_SECURE_CRYPTO",
    SecurityLevel.SW_DECODE: "SW_SECURE_DECODE",
    SecurityLevel.HW_CRYPTO: "HW_SECURE_CRYPTO",
    SecurityLevel.HW_DECODE: "HW_SECURE_DECODE",
    SecurityLevel.HW_ALL: "HW_SECURE_ALL",
}
_HDCP = {Hdcp.V1: "1.0", Hdcp.V2: "2.0", Hdcp.V2_1: "2.1", Hdcp.V2_2: "2.2", Hdcp.V2_3: "2.3"}
_RETRY_SECONDS = 10


def entitlement_message(grant: LicenceGrant, keys: Mapping[str, ContentKey], seal: SealKey) -> dict[str, Any]:
    """A policy for each label, and each granted key under its label's policy."""
    return {
        "type": "entitlement_message",
        "version": 2,
        "license": _licence(grant),
        "content_keys_source": {"inline": [_key(track, keys[track.kid], seal) for track in grant.tracks]},
        "content_key_usage_policies": [_policy(track) for track in {t.label: t for t in grant.tracks}.values()],
    }


def _licence(grant: LicenceGrant) -> dict[str, Any]:
    playback = {} if grant.playback_seconds is None else {"playback_duration": grant.playback_seconds}
    return {
        "start_datetime": _datetime(grant.issued_at),
        "expiration_datetime": _datetime(grant.until),
        "allow_persistence": grant.persistent,
        "fairplay": {"real_time_expiration": True, **playback},
        "playready": {"real_time_expiration": True, **playback},
        "widevine": {"real_time_duration_expiration": True, **playback, **_renewal(grant)},
    }


def _renewal(grant: LicenceGrant) -> dict[str, Any]:
    if grant.renewal_seconds is None:
        return {"allow_renewal": False}
    return {
        "allow_renewal": True,
        "renewal_delay": grant.renewal_seconds,
        "renewal_recovery": grant.renewal_grace_seconds,
        "renewal_retry_interval": min(_RETRY_SECONDS, grant.renewal_seconds),
    }


def _key(track: TrackGrant, key: ContentKey, seal: SealKey) -> dict[str, Any]:
    entry = {
        "id": str(UUID(track.kid)),
        "encrypted_key": base64.b64encode(seal(key)).decode(),
        "usage_policy": track.label.value,
    }
    return entry if key.iv is None else entry | {"iv": base64.b64encode(key.iv).decode()}


def _policy(track: TrackGrant) -> dict[str, Any]:
    rule = track.rule
    widevine = {"device_security_level": _LEVEL[rule.security_level]}
    playready: dict[str, Any] = {"min_device_security_level": minimum_level(rule.security_level)}
    if rule.hdcp is Hdcp.NONE:
        return {"name": track.label.value, "widevine": widevine, "playready": playready}
    required = hdcp_requirement(rule.hdcp)
    playready |= {"uncompressed_digital_video_opl": 300, "analog_video_opl": 201}
    if required is HdcpRequirement.TYPE_1:
        playready["digital_video_output_protections"] = [
            {"id": "ABB2C6F1-E663-4625-A945-972D17B231E7", "config_data": "AAAAAQ=="}
        ]
    return {
        "name": track.label.value,
        "widevine": widevine | {"hdcp": _HDCP[rule.hdcp]},
        "playready": playready,
        "fairplay": {"hdcp": required.name.replace("_", "")},
    }


def _datetime(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
