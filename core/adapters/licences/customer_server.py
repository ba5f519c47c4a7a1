"""Calls addresses that customers gave. Each is looked up, judged and called by that very result.

A name that resolves to a private address, now or at the second look, would otherwise reach inside our network.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

import httpx

from core.adapters.licences.http_exchange import AnswerTooLong, read_bounded
from core.domain.drm.callback_message import check_callback_url, may_be_called
from core.domain.errors import InvalidInput
from core.ports import CustomerUnreachable

_MOST_BYTES = 16 * 1024


class HttpCustomerServer:
    """A CustomerServer. `seconds` bounds the whole exchange; `development` lets private addresses be called."""

    def __init__(self, client: httpx.AsyncClient, *, seconds: float, development: bool) -> None:
        self._client = client
        self._seconds = seconds
        self._development = development

    async def get(self, url: str) -> tuple[int, bytes]:
        return await self._called("GET", url, b"", {"Accept": "application/json"})

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        return await self._called("POST", url, body, headers)

    async def _called(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            check_callback_url(url, development=self._development)
            async with asyncio.timeout(self._seconds):
                return await self._send(method, httpx.URL(url), body, headers)
        except (TimeoutError, OSError, httpx.HTTPError, AnswerTooLong, InvalidInput) as error:
            # No text of the error: it may hold the address with whatever the customer put into its query.
            raise CustomerUnreachable(type(error).__name__) from None

    async def _send(self, method: str, url: httpx.URL, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        address = await self._address(url.host, url.port or (443 if url.scheme == "https" else 80))
        request = self._client.build_request(
            method,
            url.copy_with(host=address),
            content=body,
            headers={**headers, "Host": url.netloc.decode("ascii")},
            extensions=_server_name(url),
        )
        response = await self._client.send(request, stream=True, follow_redirects=False)
        answer = await read_bounded(response, _MOST_BYTES)
        if response.status_code >= 500:
            raise CustomerUnreachable(f"status {response.status_code}")
        return response.status_code, answer

    async def _address(self, host: str, port: int) -> str:
        """The first address of a name, if every one of them may be called."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not (self._development or all(may_be_called(address) for address in addresses)):
            raise CustomerUnreachable("its address is private")
        return addresses[0]


def _server_name(url: httpx.URL) -> dict[str, Any]:
    """The certificate is checked against the name, though the address is called."""
    return {"sni_hostname": url.host} if url.scheme == "https" else {}
