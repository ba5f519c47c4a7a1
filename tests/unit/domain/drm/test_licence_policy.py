"""Licence rules as customers write them, and what follows from them. No rule may ever give."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.drm.levels import Hdcp, SecurityLevel
from core.domain.drm.licence_decision import (
    UNPROTECTED,
    DeviceCapabilities,
    LicenceGrant,
    SessionTimes,
    TrackKey,
    decide,
    withheld,
)
from core.domain.drm.licence_policy import TAKES_NOTHING, LicencePolicy, TrackRule
from core.domain.errors import Forbidden, InvalidInput
from core.domain.media.plan import KeyLabel

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
SESSION = SessionTimes(START, START + timedelta(hours=4), START + timedelta(seconds=5))
KEYS = tuple(TrackKey(f"{number:032x}", label) for number, label in enumerate(KeyLabel, 1))
UNKNOWN = DeviceCapabilities()


def grant(policy: LicencePolicy, **changes: Any) -> LicenceGrant:
    session, device = changes.pop("session", SESSION), changes.pop("device", UNKNOWN)
    return decide(policy, session, device, changes.pop("requested", None), KEYS, **changes)


def labels(granted: LicenceGrant) -> set[str]:
    return {track.label.value for track in granted.tracks}


# What customers write


def test_vdociphers_own_rules_are_understood_in_all_their_types() -> None:
    for can_persist in (True, "true", 1, "1"):
        for duration in (1_296_000, "1296000", 1_296_000.0, " 1296000 "):
            policy = LicencePolicy.from_rules({"canPersist": can_persist, "rentalDuration": duration})
            assert policy == LicencePolicy(persistent=True, outlives_session=True, rental_seconds=1_296_000)


def test_our_extensions_are_understood() -> None:
    policy = LicencePolicy.from_rules(
        {
            "licenseDuration": "600",
            "playbackDuration": 172_800,
            "renewalInterval": 30,
            "renewalGrace": 10,
            "offlineDevices": "2",
            "offlineDownloads": 3,
            "allowedTracks": "sd, hd",
            "tracks": {"HD": {"securityLevel": "HW_ALL", "hdcp": "HDCP_V2_2"}, "sd": {"hdcp": 2.1}},
            "somethingElse": {"deep": [1]},
        }
    )
    assert policy == LicencePolicy(
        licence_seconds=600,
        playback_seconds=172_800,
        renewal_seconds=30,
        renewal_grace_seconds=10,
        offline_devices=2,
        offline_downloads=3,
        allowed=frozenset({KeyLabel.AUDIO, KeyLabel.SD, KeyLabel.HD}),
        tracks={
            KeyLabel.HD: TrackRule(SecurityLevel.HW_ALL, Hdcp.V2_2),
            KeyLabel.SD: TrackRule(SecurityLevel.SW_CRYPTO, Hdcp.V2_1),
        },
    )


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"rentalDuration": 0}, "rentalDuration"),
        ({"rentalDuration": -5}, "rentalDuration"),
        ({"rentalDuration": 1.5}, "rentalDuration"),
        ({"rentalDuration": "soon"}, "rentalDuration"),
        ({"rentalDuration": ""}, "rentalDuration"),
        ({"rentalDuration": "nan"}, "rentalDuration"),
        ({"rentalDuration": "inf"}, "rentalDuration"),
        ({"rentalDuration": True}, "rentalDuration"),
        ({"rentalDuration": [1]}, "rentalDuration"),
        ({"rentalDuration": 10**400}, "rentalDuration"),
        ({"canPersist": "perhaps"}, "canPersist"),
        ({"canPersist": {}}, "canPersist"),
        ({"allowedTracks": []}, "allowedTracks"),
        ({"allowedTracks": ["8K"]}, "allowedTracks"),
        ({"allowedTracks": 7}, "allowedTracks"),
        ({"tracks": []}, "tracks"),
        ({"tracks": {"UHD2": {}}}, "tracks"),
        ({"tracks": {"HD": 5}}, "HD"),
        ({"tracks": {"HD": {"hdcp": "1.4"}}}, "hdcp"),
        ({"tracks": {"HD": {"securityLevel": 6}}}, "securityLevel"),
    ],
)
def test_nonsense_is_refused_by_its_field(rules: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        LicencePolicy.from_rules(rules)
    assert refused.value.code == "LICENCE_RULES_INVALID"
    assert set(refused.value.fields) == {field}


# What follows


def test_without_rules_the_session_decides() -> None:
    granted = grant(LicencePolicy())
    assert (granted.until, granted.persistent, len(granted.tracks)) == (SESSION.expires_at, False, 4)


def test_windows_count_from_the_session_and_licences_from_now() -> None:
    assert grant(LicencePolicy(rental_seconds=60)).until == START + timedelta(seconds=60)
    assert grant(LicencePolicy(playback_seconds=90)).until == START + timedelta(seconds=90)
    assert grant(LicencePolicy(licence_seconds=60)).until == SESSION.now + timedelta(seconds=60)
    assert grant(LicencePolicy(renewal_seconds=30)).until == SESSION.now + timedelta(seconds=60)
    assert grant(LicencePolicy(renewal_seconds=30, renewal_grace_seconds=5)).seconds == 35


def test_only_a_rental_window_lets_an_offline_licence_outlive_the_session() -> None:
    policy = LicencePolicy(persistent=True)
    assert grant(policy, persistent=True).until == SESSION.expires_at
    kept = replace(policy, outlives_session=True, rental_seconds=15 * 86_400, playback_seconds=3600)
    assert grant(kept, persistent=True).until == START + timedelta(days=15)
    assert grant(kept).until == START + timedelta(hours=1)
    with pytest.raises(Forbidden) as refused:
        grant(LicencePolicy(rental_seconds=15 * 86_400), persistent=True)
    assert refused.value.code == "OFFLINE_NOT_ALLOWED"


def test_what_takes_nothing_gives_nothing_either() -> None:
    assert grant(TAKES_NOTHING, persistent=True).until == SESSION.expires_at
    for policy in (
        LicencePolicy(),
        LicencePolicy.from_rules({"canPersist": 1, "rentalDuration": 9, "renewalInterval": 5}),
    ):
        kept = policy.narrowed_by(TAKES_NOTHING)
        assert replace(kept, renewal_grace_seconds=policy.renewal_grace_seconds) == policy
        assert kept.grace_seconds == policy.grace_seconds


def test_keys_that_a_device_may_not_have_are_left_out() -> None:
    policy = LicencePolicy(tracks={KeyLabel.HD: TrackRule(SecurityLevel.HW_ALL), KeyLabel.UHD: TrackRule(hdcp=Hdcp.V2)})
    assert labels(grant(policy)) == {"AUDIO", "SD", "HD", "UHD"}
    assert labels(grant(policy, device=UNPROTECTED)) == {"AUDIO", "SD"}
    assert labels(grant(policy, device=DeviceCapabilities(SecurityLevel.HW_ALL))) == {"AUDIO", "SD", "HD", "UHD"}
    assert labels(grant(LicencePolicy.from_rules({"allowedTracks": ["SD"]}))) == {"AUDIO", "SD"}


@pytest.mark.parametrize(
    ("policy", "changes", "code"),
    [
        (LicencePolicy(), {"requested": ["f" * 32]}, "KEYS_REFUSED"),
        (LicencePolicy(), {"requested": []}, "KEYS_REFUSED"),
        (LicencePolicy(allowed=frozenset({KeyLabel.AUDIO})), {"requested": [KEYS[2].kid]}, "DEVICE_REFUSED"),
        (LicencePolicy(rental_seconds=5), {}, "LICENCE_WINDOW_OVER"),
        (LicencePolicy(), {"session": replace(SESSION, now=SESSION.expires_at)}, "LICENCE_WINDOW_OVER"),
    ],
)
def test_refusals_have_codes(policy: LicencePolicy, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Forbidden) as refused:
        grant(policy, **changes)
    assert refused.value.code == code


def test_a_label_that_is_written_twice_keeps_the_stricter_rule() -> None:
    for order in (("HD", "hd"), ("hd", "HD")):
        strict, loose = {"securityLevel": "HW_ALL"}, {"hdcp": "1.0"}
        policy = LicencePolicy.from_rules({"tracks": dict(zip(order, (strict, loose), strict=True))})
        assert policy.rule(KeyLabel.HD) == TrackRule(SecurityLevel.HW_ALL, Hdcp.V1)


# Properties

lengths = st.none() | st.integers(1, 20_000)
rules = st.builds(TrackRule, st.sampled_from(SecurityLevel), st.sampled_from(Hdcp))
policies = st.builds(
    LicencePolicy,
    rental_seconds=lengths,
    playback_seconds=lengths,
    licence_seconds=lengths,
    renewal_seconds=lengths,
    renewal_grace_seconds=lengths,
    persistent=st.booleans(),
    outlives_session=st.booleans(),
    offline_devices=st.none() | st.integers(1, 9),
    offline_downloads=st.none() | st.integers(1, 9),
    allowed=st.frozensets(st.sampled_from(KeyLabel)),
    tracks=st.dictionaries(st.sampled_from(KeyLabel), rules),
    # As rules make them: only a rental window lets a licence outlive its session.
).map(lambda drawn: replace(drawn, outlives_session=drawn.outlives_session and drawn.rental_seconds is not None))
devices = st.builds(DeviceCapabilities, st.none() | st.sampled_from(SecurityLevel), st.none() | st.sampled_from(Hdcp))
requests = st.none() | st.lists(st.sampled_from([key.kid for key in KEYS] + ["f" * 32]))
sessions = st.builds(
    lambda before, after: SessionTimes(
        START, START + timedelta(seconds=before + after), START + timedelta(seconds=before)
    ),
    st.integers(0, 20_000),
    st.integers(-10, 20_000),
)


def granted_or_none(policy: LicencePolicy, *case: Any, persistent: bool) -> LicenceGrant | None:
    try:
        return decide(policy, *case, KEYS, persistent=persistent)
    except Forbidden:
        return None


def never_wider(narrow: LicenceGrant | None, wide: LicenceGrant | None) -> bool:
    if narrow is None:
        return True
    if wide is None:
        return False
    rules_of = {track.kid: track.rule for track in wide.tracks}
    return (
        narrow.until <= wide.until
        and narrow.persistent <= wide.persistent
        and all(
            track.kid in rules_of and track.rule == track.rule.stricter_of(rules_of[track.kid])
            for track in narrow.tracks
        )
    )


@given(policies, policies, sessions, devices, requests, st.booleans())
def test_two_policies_at_once_never_give_more_than_either(
    one: LicencePolicy, other: LicencePolicy, session: Any, device: Any, requested: Any, persistent: bool
) -> None:
    case = (session, device, requested)
    both = granted_or_none(one.narrowed_by(other), *case, persistent=persistent)
    swapped = granted_or_none(other.narrowed_by(one), *case, persistent=persistent)
    assert (both is None) == (swapped is None)
    for single in (one, other):
        assert never_wider(both, granted_or_none(single, *case, persistent=persistent))


@given(policies, sessions, devices, requests, st.booleans())
def test_no_rule_gives_anything(
    policy: LicencePolicy, session: Any, device: Any, requested: Any, persistent: bool
) -> None:
    """Against no rules at all; a persistent licence, which needs a rule, against its rental window."""
    granted = granted_or_none(policy, session, device, requested, persistent=persistent)
    if granted is None:
        return
    bare = granted_or_none(LicencePolicy(persistent=True), session, device, requested, persistent=persistent)
    window = session.started_at + timedelta(seconds=policy.rental_seconds or 0)
    assert granted.until <= (max(session.expires_at, window) if persistent else session.expires_at)
    assert granted.until > session.now
    if bare is not None:
        assert {track.kid for track in granted.tracks} <= {track.kid for track in bare.tracks}
    assert {track.kid for track in granted.tracks} <= (
        set(requested) if requested is not None else {key.kid for key in KEYS}
    )
    assert all(device.satisfies(track.rule) and track.label in policy.allowed for track in granted.tracks)


@given(policies, sessions, devices)
def test_what_is_withheld_is_exactly_what_no_licence_holds(policy: LicencePolicy, session: Any, device: Any) -> None:
    granted = granted_or_none(policy, session, device, None, persistent=False)
    if granted is not None:
        assert {track.label for track in granted.tracks} == set(KeyLabel) - withheld(policy, device)


@given(policies, sessions, devices, requests, st.booleans(), st.sampled_from(SecurityLevel), st.sampled_from(Hdcp))
def test_a_better_device_never_gets_less(
    policy: LicencePolicy, session: Any, device: Any, requested: Any, persistent: bool, level: Any, hdcp: Any
) -> None:
    better = DeviceCapabilities(
        None if device.security_level is None else max(device.security_level, level),
        None if device.hdcp is None else max(device.hdcp, hdcp),
    )
    worse = granted_or_none(policy, session, device, requested, persistent=persistent)
    assert never_wider(worse, granted_or_none(policy, session, better, requested, persistent=persistent))


@given(
    st.dictionaries(
        st.sampled_from(["canPersist", "rentalDuration", "tracks", "allowedTracks", "renewalInterval", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text("HDSUA,12.eV_", max_size=9),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("HDSU", max_size=3), inner, max_size=3),
            max_leaves=5,
        ),
    )
)
def test_whatever_is_written_is_read_or_refused(written: dict[str, Any]) -> None:
    with suppress(InvalidInput):
        LicencePolicy.from_rules(written)
