"""One grant in the terms of each backend."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.domain.drm.compile_axinom import entitlement_message
from core.domain.drm.compile_fairplay import DurationType, FairPlayTerms, HdcpRequirement, fairplay_terms
from core.domain.drm.compile_playready import playready_configuration
from core.domain.drm.compile_widevine import content_key_specs, policy_overrides
from core.domain.drm.content_key import ContentKey
from core.domain.drm.levels import Hdcp, SecurityLevel
from core.domain.drm.licence_decision import LicenceGrant, TrackGrant
from core.domain.drm.licence_policy import TrackRule
from core.domain.media.plan import KeyLabel, ProtectionScheme

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SD = "00112233445566778899aabbccddeeff"
UHD = "ffeeddccbbaa99887766554433221100"
GRANT = LicenceGrant(
    tracks=(
        TrackGrant(SD, KeyLabel.SD, TrackRule()),
        TrackGrant(UHD, KeyLabel.UHD, TrackRule(SecurityLevel.HW_ALL, Hdcp.V2_2)),
    ),
    issued_at=NOW,
    until=NOW + timedelta(hours=1),
    persistent=False,
)
RENEWED = replace(GRANT, renewal_seconds=30, renewal_grace_seconds=15)
KEPT = replace(GRANT, persistent=True, playback_seconds=172_800, until=NOW + timedelta(days=15))
KEYS = {
    SD: ContentKey(SD, KeyLabel.SD, ProtectionScheme.CBCS, b"s" * 16, b"i" * 16),
    UHD: ContentKey(UHD, KeyLabel.UHD, ProtectionScheme.CBCS, b"u" * 16, b"j" * 16),
}
CENC = {kid: replace(key, scheme=ProtectionScheme.CENC, iv=None) for kid, key in KEYS.items()}


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def test_widevine_gets_a_spec_for_each_key() -> None:
    assert content_key_specs(GRANT, KEYS) == [
        {
            "track_type": "SD",
            "key_id": b64(bytes.fromhex(SD)),
            "key": b64(b"s" * 16),
            "iv": b64(b"i" * 16),
            "security_level": 1,
            "required_output_protection": {"hdcp": "HDCP_NONE"},
        },
        {
            "track_type": "UHD1",
            "key_id": b64(bytes.fromhex(UHD)),
            "key": b64(b"u" * 16),
            "iv": b64(b"j" * 16),
            "security_level": 5,
            "required_output_protection": {"hdcp": "HDCP_V2_2"},
        },
    ]
    assert all("iv" not in spec for spec in content_key_specs(GRANT, CENC))


def test_widevine_is_told_all_durations() -> None:
    assert policy_overrides(GRANT) == {
        "can_play": True,
        "can_persist": False,
        "can_renew": False,
        "license_duration_seconds": 3600,
        "rental_duration_seconds": 3600,
        "playback_duration_seconds": 3600,
    }
    assert policy_overrides(RENEWED) == policy_overrides(GRANT) | {
        "can_renew": True,
        "renewal_delay_seconds": 30,
        "renewal_retry_interval_seconds": 10,
        "renewal_recovery_duration_seconds": 15,
        "renew_with_usage": False,
    }
    kept = policy_overrides(KEPT)
    assert (kept["can_persist"], kept["rental_duration_seconds"], kept["playback_duration_seconds"]) == (
        True,
        15 * 86_400,
        172_800,
    )


def test_playready_gets_one_licence_a_key_in_the_test_servers_syntax() -> None:
    assert playready_configuration(GRANT, KEYS) == (
        "(kid:00112233-4455-6677-8899-aabbccddeeff,contentkey:c3Nzc3Nzc3Nzc3Nzc3Nzcw==,ckt:aescbc,sl:2000,"
        "persist:false,enddate:20261125130000,realtime:true),"
        "(kid:ffeeddcc-bbaa-9988-7766-554433221100,contentkey:dXV1dXV1dXV1dXV1dXV1dQ==,ckt:aescbc,sl:3000,"
        "persist:false,enddate:20261125130000,realtime:true,ucvopl:300,avopl:201,"
        "dvop:(guid:ABB2C6F1-E663-4625-A945-972D17B231E7,data:AAAAAQ==))"
    )
    kept = playready_configuration(KEPT, CENC)
    assert "persist:true,enddate:20261210120000,firstexp:172800,realtime:true" in kept
    assert "ckt:aesctr" in kept
    assert " " not in kept


@pytest.mark.parametrize(
    ("level", "required"),
    [
        (Hdcp.NONE, HdcpRequirement.NOT_REQUIRED),
        (Hdcp.V1, HdcpRequirement.TYPE_0),
        (Hdcp.V2, HdcpRequirement.TYPE_1),
        (Hdcp.V2_3, HdcpRequirement.TYPE_1),
    ],
)
def test_fairplay_leases_what_streams_and_rents_what_is_kept(level: Hdcp, required: HdcpRequirement) -> None:
    track = TrackGrant(SD, KeyLabel.SD, TrackRule(hdcp=level))
    assert fairplay_terms(GRANT, track) == FairPlayTerms(DurationType.LEASE, 3600, 0, required)
    assert fairplay_terms(KEPT, track) == FairPlayTerms(DurationType.PERSISTENCE_AND_DURATION, 0, 15 * 86_400, required)


def test_axinoms_message_says_the_same() -> None:
    message = entitlement_message(RENEWED, KEYS, lambda key: key.key[::-1])
    assert (message["type"], message["version"]) == ("entitlement_message", 2)
    assert message["license"] == {
        "start_datetime": "2026-11-25T12:00:00+00:00",
        "expiration_datetime": "2026-11-25T13:00:00+00:00",
        "allow_persistence": False,
        "fairplay": {"real_time_expiration": True},
        "playready": {"real_time_expiration": True},
        "widevine": {
            "real_time_duration_expiration": True,
            "allow_renewal": True,
            "renewal_delay": 30,
            "renewal_recovery": 15,
            "renewal_retry_interval": 10,
        },
    }
    assert message["content_keys_source"]["inline"][0] == {
        "id": "00112233-4455-6677-8899-aabbccddeeff",
        "encrypted_key": b64(b"s" * 16),
        "iv": b64(b"i" * 16),
        "usage_policy": "SD",
    }
    assert message["content_key_usage_policies"] == [
        {
            "name": "SD",
            "widevine": {"device_security_level": "SW_SECURE_CRYPTO"},
            "playready": {"min_device_security_level": 2000},
        },
        {
            "name": "UHD",
            "widevine": {"device_security_level": "HW_SECURE_ALL", "hdcp": "2.2"},
            "playready": {
                "min_device_security_level": 3000,
                "uncompressed_digital_video_opl": 300,
                "analog_video_opl": 201,
                "digital_video_output_protections": [
                    {"id": "ABB2C6F1-E663-4625-A945-972D17B231E7", "config_data": "AAAAAQ=="}
                ],
            },
            "fairplay": {"hdcp": "TYPE1"},
        },
    ]
    kept = entitlement_message(KEPT, CENC, lambda key: key.key)
    assert kept["license"]["widevine"]["playback_duration"] == 172_800
    assert "iv" not in kept["content_keys_source"]["inline"][0]
