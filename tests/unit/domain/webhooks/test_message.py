"""Signatures, held against the standard's own example and against RFC 2104 by hand."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone

import jsonschema_rs
import pytest
from standardwebhooks import Webhook

from core.domain.webhooks.event_types import EVENT_TYPES, EventType
from core.domain.webhooks.message import secret_text, signed_headers

SECRET = bytes(range(32))
BODY = '{"title":"Größe"}'.encode()


def test_each_key_signs_the_exact_bytes() -> None:
    now = datetime(2026, 11, 26, 2, 0, 0, 999_999, tzinfo=UTC)
    headers = signed_headers("a" * 32, BODY, [SECRET, SECRET[::-1]], now)
    stamp = str(int(now.timestamp()))
    assert headers["webhook-timestamp"] == stamp
    expected = [
        "v1," + base64.b64encode(hmac.digest(key, f"{'a' * 32}.{stamp}.".encode() + BODY, hashlib.sha256)).decode()
        for key in (SECRET, SECRET[::-1])
    ]
    assert headers["webhook-signature"].split(" ") == expected


def test_the_time_is_utc_whatever_the_zone_of_the_clock() -> None:
    now = datetime.now(timezone(timedelta(hours=9)))
    headers = signed_headers("b" * 32, BODY, [SECRET], now)
    assert Webhook(secret_text(SECRET)).verify(BODY, headers) == {"title": "Größe"}


def test_a_secret_is_written_as_libraries_read_it() -> None:
    text = secret_text(SECRET)
    assert text.startswith("whsec_")
    assert base64.b64decode(text.removeprefix("whsec_"), validate=True) == SECRET


@pytest.mark.parametrize("event_type", list(EventType), ids=str)
def test_every_type_is_described_by_a_valid_schema(event_type: EventType) -> None:
    described = EVENT_TYPES[event_type]
    jsonschema_rs.meta.validate(dict(described.data))
    assert described.description
    assert {"schema_version", "object_version"} <= set(described.data["required"])
