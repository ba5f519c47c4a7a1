"""Rules on addresses and countries."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access.location_fields import geo_json, geo_rule, ordered_json, ordered_rules
from core.domain.access.locations import GeoRule, OrderedRules, Place, every, some
from core.domain.errors import InvalidInput

SPOTS = ["192.0.2.1", "192.0.2.200", "198.51.100.7", "2001:db8::1"]
ENTRY = st.sampled_from(
    ["US", "DE", "IN", "192.0.2.1", "192.0.2.0/24", "::ffff:198.51.100.7", "2001:db8::/32", "0.0.0.0/0"]
)
ENTRIES = st.lists(ENTRY | st.lists(ENTRY, min_size=1, max_size=3), min_size=1, max_size=4)
PLACES = st.builds(
    Place,
    st.sampled_from([None, *map(ip_address, SPOTS)]),
    st.sampled_from([None, "US", "DE", "IN"]),
)
RULE = st.fixed_dictionaries(
    {"action": st.booleans()},
    optional={
        "ipSet": st.lists(st.sampled_from(["192.0.2.0/24", "2001:db8::/32"]), max_size=2),
        "countrySet": st.lists(st.sampled_from(["US", "DE"]), max_size=2),
    },
)


def place(spot: str | None, country: str | None = None) -> Place:
    return Place(None if spot is None else ip_address(spot), country)


def geo(**lists: Any) -> GeoRule:
    rule = geo_rule(lists)
    assert rule is not None
    return rule


def ordered(rules: Any) -> OrderedRules:
    found = ordered_rules(rules)
    assert found is not None
    return found


def test_allowing_lets_nobody_else_in() -> None:
    rule = geo(allow=["DE", "192.0.2.0/24"])
    assert rule.permits(place("198.51.100.7", "DE")) is True
    assert rule.permits(place("192.0.2.5", "US")) is True
    assert rule.permits(place("198.51.100.7", "US")) is False


def test_an_exception_takes_from_what_is_allowed_and_gives_back_what_is_blocked() -> None:
    allowed = geo(allow=["DE"], **{"except": ["192.0.2.1"]})
    assert allowed.permits(place("192.0.2.2", "DE")) is True
    assert allowed.permits(place("192.0.2.1", "DE")) is False
    blocked = geo(block=["DE"], **{"except": ["192.0.2.1"]})
    assert blocked.permits(place("192.0.2.2", "DE")) is False
    assert blocked.permits(place("192.0.2.1", "DE")) is True
    assert blocked.permits(place("192.0.2.1", "US")) is True


def test_a_nested_list_wants_all_of_its_entries() -> None:
    rule = geo(allow=[["192.0.2.0/24", "DE"], "IN"])
    assert rule.permits(place("192.0.2.1", "DE")) is True
    assert rule.permits(place("192.0.2.1", "US")) is False
    assert rule.permits(place("198.51.100.7", "DE")) is False
    assert rule.permits(place("198.51.100.7", "IN")) is True


def test_ipv4_and_ipv6_are_told_apart_and_mapped_ones_are_ipv4() -> None:
    rule = geo(allow=["::ffff:192.0.2.0/120", "2001:db8::/32"])
    assert rule.permits(place("192.0.2.77")) is True
    assert rule.permits(place("2001:db8::77")) is True
    assert rule.permits(place("2001:db9::77")) is False
    assert geo(allow=["::/0"]).permits(place("192.0.2.77")) is False


def test_what_cannot_be_known_is_not_decided_unless_it_does_not_matter() -> None:
    assert geo(allow=["DE"]).permits(place("192.0.2.1")) is None
    assert geo(block=["DE"]).permits(place("192.0.2.1")) is None
    assert geo(allow=["DE", "192.0.2.1"]).permits(place("192.0.2.1")) is True
    assert geo(allow=["192.0.2.1"]).permits(place(None)) is None
    assert geo(block=["192.0.2.1"], **{"except": ["DE"]}).permits(place("192.0.2.1")) is None
    assert ordered([{"action": False, "countrySet": ["DE"]}]).permits(place("192.0.2.1")) is None
    assert ordered([{"action": False, "countrySet": ["DE"]}, {"action": True}]).permits(place(None)) is True


def test_of_ordered_rules_the_last_match_decides() -> None:
    # The vendor's sample: nobody, then one country, then one address of it not.
    rules = ordered(
        '[{"action": "false", "ipSet": [], "countrySet": []}, {"actions": true, "countrySet": ["IN"]},'
        ' {"action": "false", "ipSet": ["192.0.2.0/24"], "countrySet": ["IN"]}]'
    )
    assert rules.permits(place("198.51.100.7", "IN")) is True
    assert rules.permits(place("198.51.100.7", "US")) is False
    assert rules.permits(place("192.0.2.1", "IN")) is False


def test_whom_no_ordered_rule_matches_gets_the_opposite_of_the_first() -> None:
    assert ordered([{"action": True, "countrySet": ["IN"]}]).permits(place("192.0.2.1", "US")) is False
    assert ordered([{"action": False, "countrySet": ["IN"]}]).permits(place("192.0.2.1", "US")) is True


@pytest.mark.parametrize("nothing", [None, "", " ", {}, "{}", [], {"block": []}, {"allow": None}])
def test_no_rule_is_none(nothing: Any) -> None:
    assert geo_rule(nothing) is None


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"allow": ["UK"]}, "ipGeo.allow[0]"),
        ({"allow": ["DE", "Germany"]}, "ipGeo.allow[1]"),
        ({"allow": [["DE", 7]]}, "ipGeo.allow[0][1]"),
        ({"allow": [["DE", ["IN"]]]}, "ipGeo.allow[0][1]"),
        ({"allow": [[]]}, "ipGeo.allow[0]"),
        ({"allow": ["192.0.2.300"]}, "ipGeo.allow[0]"),
        ({"block": {"DE": True}}, "ipGeo.block"),
        ({"block": ["192.0.2.0/99"]}, "ipGeo.block[0]"),
        ({"block": ["DE"] * 1001}, "ipGeo.block"),
        ({"allow": ["DE"], "block": ["IN"]}, "ipGeo"),
        ({"allow": []}, "ipGeo"),
        ({"except": ["DE"]}, "ipGeo"),
        (["DE"], "ipGeo"),
        ("not json", "ipGeo"),
        (7, "ipGeo"),
    ],
)
def test_a_wrong_geo_rule_names_its_field(value: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        geo_rule(value)
    assert list(refusal.value.fields) == [field]


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([{}], "ipGeoRules[0].action"),
        ([{"action": True}, {"action": "maybe"}], "ipGeoRules[1].action"),
        ([{"action": "true", "actions": False}], "ipGeoRules[0].action"),
        ([{"action": True, "ipSet": ["DE"]}], "ipGeoRules[0].ipSet[0]"),
        ([{"action": True, "countrySet": ["192.0.2.1"]}], "ipGeoRules[0].countrySet[0]"),
        ([{"action": True, "countrySet": 7}], "ipGeoRules[0].countrySet"),
        (["DE"], "ipGeoRules[0]"),
        ({"action": True}, "ipGeoRules"),
        ([{"action": True}] * 101, "ipGeoRules"),
    ],
)
def test_a_wrong_ordered_rule_names_its_field(value: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        ordered_rules(value)
    assert list(refusal.value.fields) == [field]


def test_a_set_may_be_a_comma_separated_string() -> None:
    assert ordered([{"action": True, "countrySet": "de, in"}]) == ordered([{"action": "1", "countrySet": ["DE", "IN"]}])


@given(ENTRIES, st.lists(ENTRY, max_size=3), ENTRY, PLACES)
def test_allowing_less_blocking_more_or_excepting_more_never_widens(
    entries: list[Any], exceptions: list[Any], one: str, where: Place
) -> None:
    excepted = {"except": exceptions}
    if geo(allow=entries, **excepted).permits(where):
        assert geo(allow=[*entries, one], **excepted).permits(where)
    if geo(block=[*entries, one], **excepted).permits(where):
        assert geo(block=entries, **excepted).permits(where)
    if geo(allow=entries, **{"except": [*exceptions, one]}).permits(where):
        assert geo(allow=entries, **excepted).permits(where)


@given(ENTRIES, st.lists(ENTRY, max_size=3), st.lists(RULE, min_size=1, max_size=4), PLACES)
def test_knowing_less_never_widens(entries: list[Any], exceptions: list[Any], rules: list[Any], where: Place) -> None:
    """What is permitted without knowing country or address is permitted whatever they are."""
    for rule in (
        geo(allow=entries, **{"except": exceptions}),
        geo(block=entries, **{"except": exceptions}),
        ordered(rules),
    ):
        for less in (Place(where.address), Place(None, where.country), Place()):
            if rule.permits(less):
                assert rule.permits(where) in (True, None)
                if where.address is not None and where.country is not None:
                    assert rule.permits(where) is True


@given(st.lists(RULE, min_size=1, max_size=4), PLACES)
def test_a_block_at_the_end_never_widens(rules: list[Any], where: Place) -> None:
    for block in ({"action": False}, {"action": False, "countrySet": ["US"]}, {"action": False, "ipSet": [SPOTS[0]]}):
        if ordered([*rules, block]).permits(where):
            assert ordered(rules).permits(where)


@given(ENTRIES, st.lists(ENTRY, max_size=3), st.lists(RULE, min_size=1, max_size=4))
def test_rules_are_stored_in_the_form_they_are_read_from(
    entries: list[Any], exceptions: list[Any], rules: list[Any]
) -> None:
    for rule in (geo(allow=entries, **{"except": exceptions}), geo(block=entries)):
        assert geo_rule(geo_json(rule)) == rule
    assert ordered_rules(ordered_json(ordered(rules))) == ordered(rules)


@given(st.lists(st.sampled_from([True, False, None])))
def test_three_valued_logic_agrees_with_two_values_where_it_answers(answers: list[bool | None]) -> None:
    sure = [answer for answer in answers if answer is not None]
    worlds = [[*sure, *([guess] * (len(answers) - len(sure)))] for guess in (True, False)]
    assert every(answers) == (all(worlds[0]) if all(worlds[0]) == all(worlds[1]) else None)
    assert some(answers) == (any(worlds[0]) if any(worlds[0]) == any(worlds[1]) else None)
