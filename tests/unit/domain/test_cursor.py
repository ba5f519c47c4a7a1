"""Cursors of lists."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.cursor import decode_cursor, encode_cursor
from core.domain.errors import InvalidInput


@given(at=st.datetimes(datetime(1971, 1, 1), datetime(9998, 1, 1)), row=st.uuids())  # noqa: DTZ001
def test_a_cursor_is_exact_to_the_microsecond(at: datetime, row: object) -> None:
    instant = at.replace(tzinfo=timezone(timedelta(hours=2)))
    row_id = str(row).replace("-", "")
    assert decode_cursor(encode_cursor(instant, row_id)) == (instant.astimezone(UTC), row_id)


@pytest.mark.parametrize("none", [None, ""])
def test_before_the_first_page_there_is_none(none: str | None) -> None:
    assert decode_cursor(none) is None


@pytest.mark.parametrize("forged", ["x", "ä", "AAAA", base64.b64encode(b"\xff" * 24).decode(), "A" * 33, "\0"])
def test_what_is_no_cursor_is_refused(forged: str) -> None:
    with pytest.raises(InvalidInput):
        decode_cursor(forged)
