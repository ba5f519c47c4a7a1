"""Bodies read by hand, because their senders do not say what they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from starlette.exceptions import HTTPException

from core.domain.errors import InvalidInput

_MOST_FIELDS = 100


async def read_body(request: Request, most: int) -> bytes:
    """Raises HTTPException 413 as soon as more than `most` bytes have come."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise HTTPException(413, f"The body is larger than {most} bytes.")
    return bytes(body)


async def read_fields(request: Request, most: int) -> Mapping[str, Any]:
    """The members of a JSON object, whatever the body is said to be, or the fields of a form.

    Raises InvalidInput, HTTPException 413.
    """
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return await _multipart(request, most)
    body = await read_body(request, most)
    try:
        if body.lstrip().startswith((b"{", b"[")):
            given = json.loads(body)
        else:
            given = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except (ValueError, RecursionError):
        raise _no_fields() from None
    if not isinstance(given, dict):
        raise _no_fields()
    return given


async def _multipart(request: Request, most: int) -> Mapping[str, Any]:
    """Files are none of it: a field that is one is refused when it is read as text."""
    try:
        async with request.form(max_files=0, max_fields=_MOST_FIELDS, max_part_size=most) as form:
            return dict(form)
    except (MultipartParseError, UnicodeError):
        raise _no_fields() from None


def _no_fields() -> InvalidInput:
    return InvalidInput("The body is no JSON object and no form.", fields={"body": "must be a JSON object or a form"})
