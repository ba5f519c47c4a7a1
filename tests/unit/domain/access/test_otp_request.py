"""The body of an OTP request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access.otp_policy import OtpPolicy
from core.domain.access.otp_request import LONGEST_TTL, otp_policy, otp_request
from core.domain.errors import InvalidInput
from core.domain.playback.session_policy import WhenFull

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)

#: Everything at once, as clients send it.
FULL = {
    "ttl": "600",
    "uses": 1,
    "userId": "viewer_1-A",
    "whitelisthref": '"example.com"',
    "ipGeo": {"allow": ["DE", ["192.0.2.0/24", "IN"]], "except": ["::ffff:192.0.2.9"]},
    "ipGeoRules": '[{"actions": true, "ipSet": [], "countrySet": ["DE"]}]',
    "maxStreams": 2,
    "whenFull": "newest_wins",
    "maxDevices": "0x3",
    "forcedBitrate": 800.0,
    "bindIp": "true",
    "licenseRules": '{"canPersist": true, "rentalDuration": 1296000}',
    "annotate": "[{'type':'rtext','text':'{name}','color':0xFF0000}]",
    "variables": {"name": "Ann", "number": 7},
    "watermark": {"of": "another product"},
}


@pytest.mark.parametrize("body", [b"", b"  \n", b"{}", b"null", b"[]", b'{"unknown": {"deep": [1]}}'])
def test_nothing_asks_for_the_defaults(body: bytes) -> None:
    assert otp_request(body) == OtpPolicy()
    assert OtpPolicy().ttl == 6 * 3600


@pytest.mark.parametrize(
    "body", [b"[1]", b'"x"', b"7", b"{", b"\xff\xfe", b"[" * 50_000, b'{"ttl": ' + b"9" * 5000 + b"}"]
)
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput) as refusal:
        otp_request(body)
    assert list(refusal.value.fields) == ["body"]


def test_every_field_is_read() -> None:
    policy = otp_request(json.dumps(FULL).encode())
    assert (policy.ttl, policy.uses, policy.viewer_id) == (600, 1, "viewer_1-A")
    assert policy.referrers is not None
    assert policy.referrers.pattern == "example.com"
    assert policy.geo is not None
    assert policy.ordered is not None
    assert (policy.max_streams, policy.when_full, policy.max_devices) == (2, WhenFull.NEWEST_WINS, 3)
    assert (policy.forced_bitrate, policy.bind_ip) == (800, True)
    assert policy.licence_rules == {"canPersist": True, "rentalDuration": 1296000}
    assert policy.watermark == ({"type": "rtext", "text": "{name}", "color": 0xFF0000},)
    assert policy.variables == {"name": "Ann", "number": "7"}
    assert policy.names_countries


def test_a_policy_is_stored_in_the_form_it_was_asked_for() -> None:
    policy = otp_request(json.dumps(FULL).encode())
    assert otp_policy(json.loads(json.dumps(policy.as_json()))) == policy
    assert otp_policy(OtpPolicy().as_json()) == OtpPolicy()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ttl": 0}, "ttl"),
        ({"ttl": -1}, "ttl"),
        ({"ttl": 1.5}, "ttl"),
        ({"ttl": True}, "ttl"),
        ({"ttl": "soon"}, "ttl"),
        ({"ttl": LONGEST_TTL + 1}, "ttl"),
        ({"ttl": 1e400}, "ttl"),
        ({"ttl": 10**400}, "ttl"),
        ({"uses": 0}, "uses"),
        ({"userId": "a b"}, "userId"),
        ({"userId": "x" * 37}, "userId"),
        ({"userId": "\u0661"}, "userId"),
        ({"userId": ["x"]}, "userId"),
        ({"userId": 10**400}, "userId"),
        ({"forcedBitrate": "fast"}, "forcedBitrate"),
        ({"bindIp": "perhaps"}, "bindIp"),
        ({"licenseRules": "[1]"}, "licenseRules"),
        ({"licenseRules": "rules"}, "licenseRules"),
        ({"licenseRules": {"a": "\0"}}, "licenseRules"),
        ({"maxStreams": 1}, "maxStreams"),
        ({"maxDevices": 1}, "maxDevices"),
        ({"userId": "u", "maxStreams": 0}, "maxStreams"),
        ({"whenFull": "anybody_wins"}, "whenFull"),
    ],
)
def test_what_is_really_wrong_names_its_field(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        otp_policy(fields)
    assert list(refusal.value.fields) == [field]
    assert refusal.value.detail.startswith(f"{field}: ")


def test_thirty_years_and_one_second_are_lifetimes() -> None:
    assert otp_policy({"ttl": 30 * 365 * 86400}).ttl == 946_080_000
    assert otp_policy({"ttl": 1}).ttl == 1


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, False),
        ({"ipGeo": {"allow": ["192.0.2.1", ["192.0.2.1"]]}}, False),
        ({"ipGeoRules": [{"action": 1, "ipSet": ["::/0"]}]}, False),
        ({"ipGeo": {"block": [["192.0.2.1", "DE"]]}}, True),
        ({"ipGeo": {"block": ["192.0.2.1"], "except": ["DE"]}}, True),
        ({"ipGeoRules": [{"action": 1}, {"action": 0, "countrySet": ["DE"]}]}, True),
    ],
)
def test_a_policy_knows_whether_it_needs_countries(fields: dict[str, Any], names: bool) -> None:
    assert otp_policy(fields).names_countries is names


@given(st.sampled_from(sorted(FULL)), JSON)
def test_any_value_is_read_and_stored_or_refused_by_name(field: str, value: Any) -> None:
    policy, fields = read(field, value)
    assert all(name.startswith(field) for name in fields)
    assert otp_policy(policy.as_json()) == policy


def read(field: str, value: Any) -> tuple[OtpPolicy, list[str]]:
    """The policy, and the fields that were refused."""
    try:
        return otp_policy({field: value}), []
    except InvalidInput as refusal:
        return OtpPolicy(), list(refusal.fields)
