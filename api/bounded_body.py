"""Bodies read by hand, because their senders do not say what they are."""

from __future__ import annotations

from fastapi import Request
from starlette.exceptions import HTTPException


async def read_body(request: Request, most: int) -> bytes:
    """Raises HTTPException 413 as soon as more than `most` bytes have come."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > most:
            raise HTTPException(413, f"The body is larger than {most} bytes.")
    return bytes(body)
