"""Good API keys are remembered for a moment, and for no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.services.organisations.known_api_keys import KnownApiKeys
from core.services.organisations.principal import Principal

NOW = datetime(2026, 11, 25, tzinfo=UTC)
MOMENT = timedelta(seconds=5)


def caller(name: str) -> Principal:
    return Principal(name * 32, name * 32)


def test_a_key_is_known_until_its_moment_is_over() -> None:
    known = KnownApiKeys(MOMENT)
    known.remember("hash", caller("a"), NOW)
    assert known.find("hash", NOW + MOMENT - timedelta(microseconds=1)) == caller("a")
    assert known.find("hash", NOW + MOMENT) is None
    assert known.find("other", NOW) is None


def test_nothing_is_known_without_a_moment() -> None:
    known = KnownApiKeys(timedelta())
    known.remember("hash", caller("a"), NOW)
    assert known.find("hash", NOW) is None


def test_the_longest_known_makes_room() -> None:
    known = KnownApiKeys(MOMENT, most=2)
    for name in "abac":
        known.remember(name, caller(name), NOW)
    assert [known.find(name, NOW) for name in "abc"] == [caller("a"), None, caller("c")]
