"""The customers' own servers, asked before a licence is given, and for who signs in."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from core.domain.drm.callback_message import check_callback_url
from core.domain.errors import InvalidInput
from core.ports import CustomerUnreachable, OutboundHttp, PeerFailed

_MOST_BYTES = 16 * 1024


class HttpCustomerServer:
    """A CustomerServer. `seconds` bounds the whole exchange; `development` lets plain http be called."""

    def __init__(self, http: OutboundHttp, *, seconds: float, development: bool) -> None:
        self._http = http
        self._seconds = seconds
        self._development = development

    async def get(self, url: str) -> tuple[int, bytes]:
        try:
            check_callback_url(url, development=self._development)
            async with asyncio.timeout(self._seconds):
                return await self._read(url)
        except TimeoutError:
            raise CustomerUnreachable("no answer in time") from None
        except (PeerFailed, InvalidInput) as error:
            raise CustomerUnreachable(str(error)) from None

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            check_callback_url(url, development=self._development)
            answer = await self._http.post(url, headers, body, self._seconds, most=_MOST_BYTES)
        except (PeerFailed, InvalidInput) as error:
            raise CustomerUnreachable(str(error)) from None
        return _checked(answer.status, answer.body, truncated=answer.truncated)

    async def _read(self, url: str) -> tuple[int, bytes]:
        accept = {"Accept": "application/json"}
        body = bytearray()
        async with self._http.get(url, accept, seconds=self._seconds, idle=self._seconds) as answer:
            async for piece in answer.chunks():
                body += piece
                if len(body) > _MOST_BYTES:
                    break
            return _checked(answer.status, bytes(body), truncated=len(body) > _MOST_BYTES)


def _checked(status: int, body: bytes, *, truncated: bool) -> tuple[int, bytes]:
    """Raises CustomerUnreachable for what is no answer of theirs."""
    if truncated:
        raise CustomerUnreachable("its answer is too long")
    if status >= 500:
        raise CustomerUnreachable(f"status {status}")
    return status, body
