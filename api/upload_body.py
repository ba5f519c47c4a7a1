"""A request's body as it comes, for routes that never hold it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request
from starlette.requests import ClientDisconnect

_IDLE_SECONDS = 60
"""A client that sends nothing for so long has gone."""


async def body_pieces(request: Request) -> AsyncIterator[bytes]:
    """What comes until the body ends, or its sender goes: that is for the caller to see by the length."""
    stream = request.stream()
    try:
        while True:
            async with asyncio.timeout(_IDLE_SECONDS):
                piece = await anext(stream, None)
            if piece is None:
                return
            if piece:
                yield piece
    except (ClientDisconnect, TimeoutError):
        return
