"""Good API keys are remembered for a moment, and for no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.services.organisations.credential import Credential
from core.services.organisations.known_credentials import KnownCredentials
from core.services.organisations.principal import Principal

NOW = datetime(2026, 11, 25, tzinfo=UTC)
MOMENT = timedelta(seconds=5)


def caller(name: str, expires_at: datetime | None = None) -> Credential:
    return Credential(Principal(name * 32, name * 32), expires_at)


def test_a_key_is_known_until_its_moment_is_over() -> None:
    known = KnownCredentials(MOMENT)
    known.remember("hash", caller("a"), NOW)
    assert known.find("hash", NOW + MOMENT - timedelta(microseconds=1)) == caller("a")
    assert known.find("hash", NOW + MOMENT) is None
    assert known.find("other", NOW) is None


def test_nothing_is_known_without_a_moment() -> None:
    known = KnownCredentials(timedelta())
    known.remember("hash", caller("a"), NOW)
    assert known.find("hash", NOW) is None


def test_the_longest_known_makes_room() -> None:
    known = KnownCredentials(MOMENT, most=2)
    for name in "abac":
        known.remember(name, caller(name), NOW)
    assert [known.find(name, NOW) for name in "abc"] == [caller("a"), None, caller("c")]


def test_what_expires_within_its_moment_is_not_known_any_more() -> None:
    known = KnownCredentials(MOMENT)
    known.remember("hash", caller("a", NOW + timedelta(seconds=1)), NOW)
    assert known.find("hash", NOW) is not None
    assert known.find("hash", NOW + timedelta(seconds=1)) is None
