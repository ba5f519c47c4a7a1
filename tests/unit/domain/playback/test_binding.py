"""What a licence request may differ in from the session it belongs to."""

from __future__ import annotations

import pytest

from core.domain.errors import Forbidden
from core.domain.playback.binding import Origin, check_origin, readable_address, readable_user_agent

CHROME = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140"


@pytest.mark.parametrize(
    ("bound", "seen", "refused"),
    [
        (CHROME, CHROME, False),
        (CHROME, "curl/8", True),
        (CHROME, None, True),
        (CHROME, CHROME + " ", True),
        (None, "curl/8", False),
        (None, None, False),
        ("", CHROME, True),
        ("x" * 500, "x" * 700, False),
    ],
)
def test_a_session_with_a_user_agent_takes_no_other(bound: str | None, seen: str | None, refused: bool) -> None:
    if not refused:
        check_origin(Origin(None, bound), Origin("192.0.2.1", seen), bind_ip=False)
        return
    with pytest.raises(Forbidden) as caught:
        check_origin(Origin(None, bound), Origin("192.0.2.1", seen), bind_ip=False)
    assert caught.value.code == "USER_AGENT_CHANGED"


@pytest.mark.parametrize(
    ("bound", "seen", "refused"),
    [
        ("192.0.2.1", "192.0.2.1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", False),
        ("192.0.2.1", "192.0.2.2", True),
        ("2001:db8::1", "2001:db8::ffff", False),
        ("2001:db8::1", "2001:db8:0:1::1", True),
        ("fe80::1", "fe80::1%eth0", False),
        ("192.0.2.1", None, True),
        ("192.0.2.1", "testclient", True),
        (None, "192.0.2.1", True),
        (None, None, True),
    ],
)
def test_an_address_counts_only_where_it_is_bound(bound: str | None, seen: str | None, refused: bool) -> None:
    check_origin(Origin(bound, None), Origin(seen, None), bind_ip=False)
    if not refused:
        check_origin(Origin(bound, None), Origin(seen, None), bind_ip=True)
        return
    with pytest.raises(Forbidden) as caught:
        check_origin(Origin(bound, None), Origin(seen, None), bind_ip=True)
    assert caught.value.code == "IP_CHANGED"


def test_what_is_stored_is_readable() -> None:
    assert readable_user_agent("a\0b" + "x" * 600) == "ab" + "x" * 498
    assert readable_address("::ffff:192.0.2.1") == "192.0.2.1"
    assert readable_address("unix:") is None
    assert readable_address(None) is None


def test_personal_data_stay_out_of_what_is_printed() -> None:
    assert "192" not in repr(Origin("192.0.2.1", CHROME))
    assert "Chrome" not in repr(Origin("192.0.2.1", CHROME))
