"""Calling addresses that customers gave, over real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager

import pytest

from core.adapters.egress.http import GuardedHttp
from core.adapters.egress.resolution import Resolve, system_resolver
from core.adapters.licences.customer_server import HttpCustomerServer
from core.domain.drm.callback_message import CALLBACKS, DEVELOPMENT_CALLBACKS
from core.ports import CustomerUnreachable

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\nConnection: close\r\n\r\n" + b'{"allow": true}'


@asynccontextmanager
async def listening(answer: bytes, seen: list[bytes] | None = None, *, silent: bool = False) -> AsyncIterator[int]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if seen is not None:
                seen.append(head)
            if silent:
                await reader.read()
            writer.write(answer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def resolving(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


@asynccontextmanager
async def calling(
    seconds: float = 5, *, development: bool = True, resolve: Resolve = system_resolver
) -> AsyncIterator[HttpCustomerServer]:
    policy = DEVELOPMENT_CALLBACKS if development else CALLBACKS
    async with aclosing(GuardedHttp(policy, resolve=resolve)) as http:
        yield HttpCustomerServer(http, seconds=seconds, development=development)


async def test_the_answer_comes_back_with_its_status() -> None:
    seen: list[bytes] = []
    async with listening(OK, seen) as port, calling() as server:
        url = f"http://localhost:{port}/licence?a=1"
        assert await server.post(url, b"{}", {"X-Sealcast-Timestamp": "1"}) == (200, b'{"allow": true}')
    assert seen[0].startswith(b"POST /licence?a=1 HTTP/1.1\r\n")
    assert f"host: localhost:{port}".encode() in seen[0].lower()
    assert b"x-sealcast-timestamp: 1" in seen[0].lower()


async def test_redirects_are_answers_and_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with listening(moved) as port, calling() as server:
        assert await server.post(f"http://127.0.0.1:{port}/", b"", {}) == (302, b"")


@pytest.mark.parametrize(
    ("answer", "silent"),
    [
        (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\nConnection: close\r\n\r\n" + b"x" * 99_999, False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\nx", False),
        (b"not HTTP\r\n\r\n", False),
        (b"", False),
        (OK, True),
    ],
    ids=["503", "long", "short", "noise", "nothing", "silence"],
)
async def test_silence_noise_and_floods_are_unreachable(answer: bytes, silent: bool) -> None:
    async with listening(answer, silent=silent) as port, calling(0.2 if silent else 5) as server:
        with pytest.raises(CustomerUnreachable):
            await server.post(f"http://127.0.0.1:{port}/?secret=1", b"", {})
    async with calling() as server:
        with pytest.raises(CustomerUnreachable) as refused:
            await server.post(f"http://127.0.0.1:{port}/?secret=1", b"", {})
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("93.184.215.14", "10.0.0.1"), ("::ffff:127.0.0.1",), ()])
async def test_a_name_that_leads_inside_is_not_called(addresses: tuple[str, ...]) -> None:
    seen: list[bytes] = []
    async with listening(OK, seen) as port, calling(development=False, resolve=resolving(*addresses)) as server:
        with pytest.raises(CustomerUnreachable):
            await server.post(f"https://inside.test:{port}/", b"", {})
    assert seen == []
