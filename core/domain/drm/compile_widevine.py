"""A grant in the terms of Widevine's licence service: `content_key_specs` and `policy_overrides`.

The service itself leaves out keys whose `security_level` or HDCP the device does not reach.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from core.domain.drm.content_key import ContentKey
from core.domain.drm.levels import Hdcp
from core.domain.drm.licence_decision import LicenceGrant, TrackGrant
from core.domain.media.plan import KeyLabel

_TRACK_TYPE = {KeyLabel.AUDIO: "AUDIO", KeyLabel.SD: "SD", KeyLabel.HD: "HD", KeyLabel.UHD: "UHD1"}
_RETRY_SECONDS = 10


def content_key_specs(grant: LicenceGrant, keys: Mapping[str, ContentKey]) -> list[dict[str, Any]]:
    """The granted keys in the clear, base64: for the signed request to the service and nothing else."""
    return [_spec(track, keys[track.kid]) for track in grant.tracks]


def policy_overrides(grant: LicenceGrant) -> dict[str, Any]:
    """Durations in seconds. Nothing is left to defaults of the service's."""
    overrides: dict[str, Any] = {
        "can_play": True,
        "can_persist": grant.persistent,
        "can_renew": grant.renewal_seconds is not None,
        "license_duration_seconds": grant.seconds,
        "rental_duration_seconds": grant.seconds,
        "playback_duration_seconds": min(grant.playback_seconds or grant.seconds, grant.seconds),
    }
    if grant.renewal_seconds is not None:
        overrides |= {
            "renewal_delay_seconds": grant.renewal_seconds,
            "renewal_retry_interval_seconds": min(_RETRY_SECONDS, grant.renewal_seconds),
            "renewal_recovery_duration_seconds": grant.renewal_grace_seconds,
            "renew_with_usage": False,
        }
    return overrides


def _spec(track: TrackGrant, key: ContentKey) -> dict[str, Any]:
    spec = {
        "track_type": _TRACK_TYPE[track.label],
        "key_id": _base64(bytes.fromhex(track.kid)),
        "key": _base64(key.key),
        "security_level": int(track.rule.security_level),
        "required_output_protection": {"hdcp": _hdcp(track.rule.hdcp)},
    }
    return spec if key.iv is None else spec | {"iv": _base64(key.iv)}


def _hdcp(level: Hdcp) -> str:
    return f"HDCP_{level.name}"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
