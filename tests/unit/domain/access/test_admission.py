"""Who may redeem an OTP: the documented order, and that no rule ever lets somebody in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access.admission import Attempt, Refusal, refusal
from core.domain.access.locations import Place
from core.domain.access.otp_policy import OtpPolicy
from core.domain.access.otp_request import otp_policy

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(seconds=1)
HERE = Attempt("shop.example.com", Place(ip_address("192.0.2.1"), "DE"), countries_known=True, device_id="d", now=NOW)

#: Each refuses HERE with its own code, in the documented order.
RULES: list[tuple[dict[str, Any], Refusal]] = [
    ({"whitelisthref": "elsewhere"}, Refusal.DOMAIN_NOT_ALLOWED),
    ({"ipGeo": {"allow": ["IN"]}}, Refusal.LOCATION_NOT_ALLOWED),
    ({"ipGeoRules": [{"action": False}]}, Refusal.LOCATION_NOT_ALLOWED),
]

ATTEMPTS = st.builds(
    Attempt,
    st.sampled_from([None, "shop.example.com", "elsewhere.test"]),
    st.builds(
        Place,
        st.sampled_from([None, ip_address("192.0.2.1"), ip_address("2001:db8::1")]),
        st.sampled_from([None, "DE", "IN"]),
    ),
    st.booleans(),
    st.sampled_from([None, "d"]),
    st.just(NOW),
)
FIELDS = st.fixed_dictionaries(
    {"userId": st.just("u")},
    optional={
        "whitelisthref": st.sampled_from(["example", ["elsewhere.test"], ".*"]),
        "ipGeo": st.sampled_from(
            [{"allow": ["DE"]}, {"block": ["IN", "192.0.2.0/24"], "except": ["DE"]}, {"allow": ["0.0.0.0/0"]}]
        ),
        "ipGeoRules": st.sampled_from(
            [[{"action": True}], [{"action": False}, {"action": True, "countrySet": ["DE"]}]]
        ),
        "maxDevices": st.just(1),
        "uses": st.just(1),
        "maxStreams": st.just(1),
        "forcedBitrate": st.just(1),
    },
)


def test_a_policy_without_rules_lets_everybody_in_until_it_expires() -> None:
    nobody = Attempt(None, Place(), countries_known=False, device_id=None, now=NOW)
    assert refusal(OtpPolicy(), LATER, nobody) is None
    assert refusal(OtpPolicy(), NOW, nobody) is Refusal.OTP_EXPIRED


@pytest.mark.parametrize("first", range(len(RULES)))
def test_the_first_rule_in_the_documented_order_names_the_code(first: int) -> None:
    fields: dict[str, Any] = {}
    for rule, _ in RULES[first:]:
        fields |= rule
    policy = otp_policy(fields)
    assert refusal(policy, LATER, HERE) is RULES[first][1]
    assert refusal(policy, NOW, HERE) is Refusal.OTP_EXPIRED


def test_a_country_that_nobody_can_look_up_is_said_to_be_that() -> None:
    policy = otp_policy({"ipGeo": {"allow": ["DE", "198.51.100.0/24"]}})
    unknown = replace(HERE, place=Place(ip_address("192.0.2.1")), countries_known=False)
    assert refusal(policy, LATER, unknown) is Refusal.GEOIP_UNAVAILABLE
    assert refusal(policy, LATER, replace(unknown, countries_known=True)) is Refusal.LOCATION_NOT_ALLOWED
    listed = replace(unknown, place=Place(ip_address("198.51.100.7")))
    assert refusal(policy, LATER, listed) is None
    by_address = otp_policy({"ipGeo": {"allow": ["198.51.100.0/24"]}})
    assert refusal(by_address, LATER, replace(unknown, place=Place())) is Refusal.LOCATION_NOT_ALLOWED


def test_a_limit_on_devices_wants_to_know_the_device() -> None:
    policy = otp_policy({"userId": "u", "maxDevices": 2})
    assert refusal(policy, LATER, HERE) is None
    assert refusal(policy, LATER, replace(HERE, device_id=None)) is Refusal.DEVICE_UNKNOWN


@given(FIELDS, ATTEMPTS, st.data())
def test_no_rule_ever_widens_access(fields: dict[str, Any], attempt: Attempt, data: st.DataObject) -> None:
    """Whoever gets in under a policy gets in under the same policy with any rule taken away."""
    if refusal(otp_policy(fields), LATER, attempt) is not None:
        return
    without = data.draw(st.sampled_from(sorted(fields)))
    if without == "userId":
        return
    less = {name: value for name, value in fields.items() if name != without}
    assert refusal(otp_policy(less), LATER, attempt) is None


@given(FIELDS, ATTEMPTS)
def test_knowing_less_of_a_viewer_never_widens_access(fields: dict[str, Any], attempt: Attempt) -> None:
    policy = otp_policy(fields)
    if refusal(policy, LATER, attempt) is None:
        return
    for less in (replace(attempt, host=None), replace(attempt, place=Place()), replace(attempt, device_id=None)):
        assert refusal(policy, LATER, less) is not None
