"""Calling addresses that customers gave, over real sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from core.adapters.licences.customer_server import HttpCustomerServer
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


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as opened:
        yield opened


async def test_the_answer_comes_back_with_its_status(client: httpx.AsyncClient) -> None:
    seen: list[bytes] = []
    server = HttpCustomerServer(client, seconds=5, development=True)
    async with listening(OK, seen) as port:
        url = f"http://localhost:{port}/licence?a=1"
        assert await server.post(url, b"{}", {"X-Sealcast-Timestamp": "1"}) == (200, b'{"allow": true}')
    assert seen[0].startswith(b"POST /licence?a=1 HTTP/1.1\r\n")
    assert f"host: localhost:{port}".encode() in seen[0].lower()
    assert b"x-sealcast-timestamp: 1" in seen[0].lower()


async def test_redirects_are_answers_and_not_followed(client: httpx.AsyncClient) -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    async with listening(moved) as port:
        answer = await HttpCustomerServer(client, seconds=5, development=True).post(
            f"http://127.0.0.1:{port}/", b"", {}
        )
    assert answer == (302, b"")


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
async def test_silence_noise_and_floods_are_unreachable(client: httpx.AsyncClient, answer: bytes, silent: bool) -> None:
    seconds = 0.2 if silent else 5
    async with listening(answer, silent=silent) as port:
        server = HttpCustomerServer(client, seconds=seconds, development=True)
        with pytest.raises(CustomerUnreachable):
            await server.post(f"http://127.0.0.1:{port}/?secret=1", b"", {})
    with pytest.raises(CustomerUnreachable) as refused:
        await server.post(f"http://127.0.0.1:{port}/?secret=1", b"", {})
    assert "secret" not in str(refused.value)


def resolving(*addresses: str) -> Callable[..., Any]:
    async def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    return getaddrinfo


@pytest.mark.parametrize("addresses", [("127.0.0.1",), ("93.184.215.14", "10.0.0.1"), ("::ffff:127.0.0.1",), ()])
async def test_a_name_that_leads_inside_is_not_called(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolving(*addresses))
    seen: list[bytes] = []
    async with listening(OK, seen) as port:
        with pytest.raises(CustomerUnreachable):
            await HttpCustomerServer(client, seconds=5, development=False).post(f"https://inside.test:{port}/", b"", {})
    assert seen == []


async def test_the_address_that_was_judged_is_the_one_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """By name for the certificate and the Host header, by address for the connection: no second look-up."""
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, content=b"{}")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolving("93.184.215.14"))
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        await HttpCustomerServer(client, seconds=5, development=False).post("https://customer.test/x", b"", {})
    assert str(asked[0].url) == "https://93.184.215.14/x"
    assert asked[0].headers["host"] == "customer.test"
    assert asked[0].extensions["sni_hostname"] == "customer.test"
