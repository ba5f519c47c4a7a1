"""An object on its way out: read in a thread, a piece at a time, never as a whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from urllib3 import BaseHTTPResponse

from core.adapters.s3_errors import translated
from core.ports import StorageUnavailable

PIECE = 256 * 1024

Run = Callable[..., Coroutine[Any, Any, Any]]
"""Runs a blocking function in the adapter's threads."""


@dataclass
class S3Body:
    """Satisfies ObjectBody. `size` is the whole object's, `content_length` what will be sent."""

    key: str
    status: int
    size: int
    content_length: int
    content_range: str | None
    content_type: str
    etag: str
    run: Run = field(repr=False)
    response: BaseHTTPResponse | None = field(default=None, repr=False)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Raises StorageUnavailable when the store stops before `content_length` bytes."""
        try:
            while self.response is not None and (piece := await self.run(self._read)):
                yield piece
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Drops the connection unless everything was read: half an answer cannot be reused."""
        response, self.response = self.response, None
        if response is not None:
            response.close()
            response.release_conn()

    def _read(self) -> bytes:
        if self.response is None:
            return b""
        with translated("read", self.key):
            return self.response.read(PIECE)


def announced_length(response: BaseHTTPResponse, key: str) -> int:
    """Without a length nobody could tell a whole body from a broken one. Raises StorageUnavailable."""
    length = response.headers.get("Content-Length")
    if length is None:
        response.close()
        raise StorageUnavailable(f"read {key}: an answer without Content-Length")
    return int(length)


def whole_size(content_range: str | None, content_length: int) -> int:
    """The object's size out of `bytes 0-9/100` or `bytes */100`; without a range, what is sent is the whole."""
    total = content_range.rpartition("/")[2] if content_range else ""
    return int(total) if total.isdigit() else content_length
