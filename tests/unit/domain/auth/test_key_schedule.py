"""Keys of access tokens overlap: no good token is refused, and none is good for longer than it lives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from core.domain.auth.key_schedule import (
    AHEAD,
    LEEWAY,
    ROTATE_AFTER,
    TOKEN_LIFE,
    ScheduledKey,
    due,
    lost,
    signing_keys,
    verifying_keys,
)

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def key(name: str, active_from: datetime, root: str = "root") -> ScheduledKey:
    return ScheduledKey(name, b"", b"", root, active_from)


OLD, NEW = key("old", NOW - ROTATE_AFTER), key("new", NOW + AHEAD)
INSTANT = timedelta(microseconds=1)


def test_the_first_key_signs_at_once() -> None:
    assert due([], "root", NOW) == NOW


def test_a_key_is_followed_when_its_time_is_over_and_not_before() -> None:
    assert due([OLD], "root", NOW - INSTANT) is None
    assert due([OLD], "root", NOW) == NOW + AHEAD
    assert due([OLD, NEW], "root", NOW) is None


def test_a_key_under_another_root_key_is_followed_at_once() -> None:
    assert due([key("a", NOW)], "another", NOW) == NOW + AHEAD
    assert lost([key("a", NOW)], "another", NOW) == NOW
    assert lost([key("a", NOW)], "root", NOW) is None


def test_the_next_key_is_published_before_it_signs() -> None:
    keys = [OLD, NEW]
    assert [each.kid for each in signing_keys(keys, NOW + AHEAD - INSTANT)] == ["old"]
    assert [each.kid for each in signing_keys(keys, NOW + AHEAD)] == ["new", "old"]
    assert verifying_keys(keys, NOW) == keys


def test_the_last_key_is_known_as_long_as_its_tokens_live() -> None:
    keys, end = [NEW, OLD], NOW + AHEAD + TOKEN_LIFE + LEEWAY
    assert verifying_keys(keys, end - INSTANT) == [OLD, NEW]
    assert verifying_keys(keys, end) == [NEW]
    assert verifying_keys([], NOW) == []
