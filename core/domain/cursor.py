"""Cursors of lists that run from new to old: they follow the last row seen, so that new rows shift nothing."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from uuid import UUID

from core.domain.errors import InvalidInput

_MICROSECONDS = 8


def encode_cursor(at: datetime, row_id: str) -> str:
    """Exact to the microsecond, as the database is; a float would lose rows. `row_id` is 32 hex digits."""
    since = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    microseconds = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return base64.urlsafe_b64encode(microseconds.to_bytes(_MICROSECONDS, "big") + bytes.fromhex(row_id)).decode()


def decode_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    """None before the first page. Raises InvalidInput for a cursor that is none of ours."""
    if not cursor:
        return None
    try:
        raw = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        seconds, microseconds = divmod(int.from_bytes(raw[:_MICROSECONDS], "big"), 1_000_000)
        at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)
        return at, UUID(bytes=raw[_MICROSECONDS:]).hex
    except (binascii.Error, ValueError, OverflowError, OSError):
        raise InvalidInput("That is not a cursor of ours.", fields={"cursor": "unknown"}) from None
