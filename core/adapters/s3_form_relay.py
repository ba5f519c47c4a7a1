"""Hands a browser's form to the object store as it comes in, without holding it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import httpx

from core.ports import StorageUnavailable
from core.settings import Settings

_TIMEOUT = httpx.Timeout(60, connect=5)
_MOST_ANSWER = 64 * 1024


@dataclass(frozen=True)
class StoreAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


async def send_form(settings: Settings, content_type: str, length: int, body: AsyncIterator[bytes]) -> StoreAnswer:
    """`length` bytes in all. Nothing is sent twice. Raises StorageUnavailable."""
    url = f"{settings.s3_endpoint.rstrip('/')}/{settings.s3_bucket}"
    headers = {"Content-Type": content_type, "Content-Length": str(length)}
    try:
        async with (
            httpx.AsyncClient(timeout=_TIMEOUT, trust_env=False) as client,
            client.stream("POST", url, content=body, headers=headers) as answer,
        ):
            found = b""
            async for piece in answer.aiter_bytes():
                found += piece[: _MOST_ANSWER - len(found)]
    except httpx.HTTPError as error:
        # h11 reports a body that ends too soon, because its sender has gone, as a protocol error.
        raise StorageUnavailable(f"form: {type(error).__name__}") from error
    return StoreAnswer(answer.status_code, dict(answer.headers), found)
