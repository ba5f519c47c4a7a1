"""HTTP to addresses that customers gave, over real sockets; this host plays the private network."""

from __future__ import annotations

import asyncio
import gzip
import ipaddress
from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from core.adapters.egress.http import GuardedHttp
from core.adapters.egress.resolution import Resolve
from core.domain.egress.destination import DestinationRefused, EgressPolicy
from core.ports import PeerFailed, PeerFailure
from tests.fixtures.certificates import tls_pair
from tests.fixtures.private_server import Answer, private_server

PUBLIC_ONLY = EgressPolicy(ports=None)
LOOPBACK = EgressPolicy((ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128")), ports=None)


def leading_to(*answers: Sequence[str]) -> Resolve:
    """The answers in turn, the last one for ever."""
    left = list(answers)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


@pytest.fixture
async def http() -> AsyncIterator[GuardedHttp]:
    async with aclosing(GuardedHttp(LOOPBACK)) as opened:
        yield opened


async def called(http: GuardedHttp, url: str) -> None:
    """By both ways. Raises DestinationRefused if both refuse."""
    with suppress(DestinationRefused):
        await http.post(url, {}, b"x", 5)
        return
    async with http.get(url, {}, seconds=5, idle=5):
        pass


SSRF = [
    "http://127.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://0:{port}/",
    "http://0.0.0.0:{port}/",
    "http://①②⑦.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://LOCALHOST.:{port}/",
    "http://[::]:{port}/",
    "http://[::1]:{port}/",
    "http://[0:0:0:0:0:0:0:1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[::127.0.0.1]:{port}/",
    "http://[::ffff:a9fe:a9fe]:{port}/",
    "http://[64:ff9b::7f00:1]:{port}/",
    "http://[64:ff9b::a9fe:a9fe]:{port}/",
    "http://[2002:7f00:1::]:{port}/",
    "http://[fd00:ec2::254]:{port}/",
    "http://[fe80::1%25lo]:{port}/",
    "http://169.254.169.254:{port}/",
    "http://100.100.100.200:{port}/",
    "http://good.test@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@good.test/",
    "http://good.test:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}/\r\nHost: good.test",
    "http://\t127.0.0.1:{port}/",
    "https://127.0.0.1:{port}/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:{port}/_x",
    "ftp://127.0.0.1:{port}/x",
]


@pytest.mark.parametrize("url", SSRF)
async def test_nothing_inside_is_ever_connected_to(url: str) -> None:
    async with private_server() as server, aclosing(GuardedHttp(PUBLIC_ONLY)) as http:
        with pytest.raises(DestinationRefused):
            await called(http, url.format(port=server.port))
    assert server.connections == 0


@pytest.mark.parametrize(
    "answer", [["127.0.0.1"], ["::1"], ["::ffff:127.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["127.0.0.1", "1.1.1.1"]]
)
async def test_names_that_lead_inside_are_not_called(answer: Sequence[str]) -> None:
    async with private_server() as server, aclosing(GuardedHttp(PUBLIC_ONLY, resolve=leading_to(answer))) as http:
        with pytest.raises(DestinationRefused):
            await called(http, f"http://inside.test:{server.port}/")
    assert server.connections == 0


async def test_the_address_that_was_judged_is_the_one_connected_to() -> None:
    """A name that changes its answer: what is connected to is what was judged, and judged it is each time."""
    asked = 0

    async def rebinding(host: str, port: int) -> Sequence[str]:
        nonlocal asked
        asked += 1
        return ["127.0.0.1"] if asked == 1 else ["169.254.169.254"]

    async with private_server() as server, aclosing(GuardedHttp(LOOPBACK, resolve=rebinding)) as http:
        url = f"http://rebinding.test:{server.port}/"
        assert (await http.post(url, {}, b"", 5)).status == 200
        assert (asked, server.connections) == (1, 1)
        with pytest.raises(DestinationRefused):
            await http.post(url, {}, b"", 5)
    assert server.connections == 1
    assert f"host: rebinding.test:{server.port}".encode() in server.heads[0].lower()


async def test_a_name_has_more_than_one_chance() -> None:
    resolve = leading_to(["127.0.0.2", "127.0.0.1"])
    async with private_server(only="127.0.0.1") as server, aclosing(GuardedHttp(LOOPBACK, resolve=resolve)) as http:
        assert (await http.post(f"http://two.test:{server.port}/", {}, b"", 5)).status == 200


async def test_names_that_nobody_has_are_a_failure_of_names() -> None:
    async with aclosing(GuardedHttp(PUBLIC_ONLY, resolve=leading_to([]))) as http:
        with pytest.raises(PeerFailed) as failed:
            await http.post("https://nobody.test/", {}, b"", 5)
    assert failed.value.failure is PeerFailure.NAME


async def test_certificates_are_checked_against_the_name(tmp_path: Path) -> None:
    server_tls, client_tls = tls_pair(tmp_path, "customer.test")
    async with private_server(tls=server_tls) as server:
        async with aclosing(GuardedHttp(LOOPBACK, resolve=leading_to(["127.0.0.1"]), tls=client_tls)) as http:
            assert (await http.post(f"https://customer.test:{server.port}/", {}, b"", 5)).body == b"ok"
            for url in (f"https://other.test:{server.port}/", f"https://127.0.0.1:{server.port}/"):
                with pytest.raises(PeerFailed) as failed:
                    await http.post(url, {}, b"", 5)
                assert failed.value.failure is PeerFailure.TLS
        async with aclosing(GuardedHttp(LOOPBACK, resolve=leading_to(["127.0.0.1"]))) as http:
            with pytest.raises(PeerFailed) as failed:
                await http.post(f"https://customer.test:{server.port}/", {}, b"", 5)
            assert failed.value.failure is PeerFailure.TLS
    assert len(server.heads) == 1


async def test_proxies_of_the_environment_are_ignored(http: GuardedHttp, monkeypatch: pytest.MonkeyPatch) -> None:
    async with private_server() as proxy, private_server() as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with aclosing(GuardedHttp(LOOPBACK)) as made_with_it:
            await made_with_it.post(f"http://127.0.0.1:{server.port}/", {}, b"", 5)
    assert (proxy.connections, server.connections) == (0, 1)


async def test_cookies_are_not_kept_and_own_headers_not_overridden(http: GuardedHttp) -> None:
    answer = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    async with private_server(answer) as server:
        for _ in range(2):
            headers = {"host": "inside", "Accept-Encoding": "gzip", "X-Mine": "yes", "Content-Type": "text/plain"}
            await http.post(f"http://127.0.0.1:{server.port}/p?q=%2F", headers, b"12345", 5)
    lines = server.heads[1].lower().split(b"\r\n")
    assert server.connections == 2
    assert lines[0] == b"post /p?q=%2f http/1.1"
    assert [line for line in lines if line.startswith((b"cookie", b"host", b"accept-encoding", b"content-length"))] == [
        f"host: 127.0.0.1:{server.port}".encode(),
        b"accept-encoding: identity",
        b"content-length: 5",
    ]


@pytest.mark.parametrize("headers", [{"X": "a\r\nY: b"}, {"X\r\nY": "b"}, {"X": "\x00"}])
async def test_headers_cannot_smuggle(http: GuardedHttp, headers: dict[str, str]) -> None:
    async with private_server() as server:
        with pytest.raises(PeerFailed):
            await http.post(f"http://127.0.0.1:{server.port}/", headers, b"", 5)
    assert server.heads == []


@pytest.mark.parametrize("location", ["http://169.254.169.254/x", "file:///etc/passwd", "//10.0.0.1/", "/same"])
async def test_redirects_are_offered_and_not_followed(http: GuardedHttp, location: str) -> None:
    answer = f"HTTP/1.1 307 Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    async with private_server(answer) as server:
        here = f"http://127.0.0.1:{server.port}"
        assert (await http.post(f"{here}/", {}, b"", 5)).status == 307
        async with http.get(f"{here}/a", {}, seconds=5, idle=5) as stream:
            offered = stream.redirect
    assert offered == {"//10.0.0.1/": "http://10.0.0.1/", "/same": f"{here}/same"}.get(location, location)
    assert server.connections == 2


async def test_long_answers_are_cut_and_not_decoded(http: GuardedHttp) -> None:
    bomb = gzip.compress(b"\0" * 1_000_000)
    answer = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    async with private_server(answer + bomb) as server:
        url = f"http://127.0.0.1:{server.port}/"
        assert (await http.post(url, {}, b"", 5)).body == bomb
        cut = await http.post(url, {}, b"", 5, most=100)
        assert (cut.body, cut.truncated) == (bomb[:100], True)
        async with http.get(url, {}, seconds=5, idle=5) as stream:
            assert b"".join([chunk async for chunk in stream.chunks()]) == bomb


async def endless(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"1000\r\n" + b"x" * 4096 + b"\r\n")
        await writer.drain()


async def test_endless_answers_end(http: GuardedHttp) -> None:
    async with private_server(endless) as server:
        assert (await http.post(f"http://127.0.0.1:{server.port}/", {}, b"", 5)).truncated


async def dripping_head(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


async def dripping_body(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


async def silent(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx")
    await writer.drain()
    await asyncio.Event().wait()


@pytest.mark.parametrize("answer", [dripping_head, dripping_body, silent])
async def test_slow_answers_are_given_up_as_a_whole(http: GuardedHttp, answer: Answer) -> None:
    async with private_server(answer) as server:
        with pytest.raises(PeerFailed) as failed:
            await http.post(f"http://127.0.0.1:{server.port}/", {}, b"", 0.3)
    assert failed.value.failure is PeerFailure.TIMEOUT


async def test_a_stream_bounds_the_head_and_each_silence(http: GuardedHttp) -> None:
    async with private_server(dripping_head) as server:
        with pytest.raises(PeerFailed):
            async with http.get(f"http://127.0.0.1:{server.port}/", {}, seconds=0.3, idle=5):
                pass
    async with (
        private_server(silent) as server,
        http.get(f"http://127.0.0.1:{server.port}/", {}, seconds=5, idle=0.3) as stream,
    ):
        with pytest.raises(PeerFailed) as failed:
            async for _ in stream.chunks():
                pass
    assert failed.value.failure is PeerFailure.TIMEOUT


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"not HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"x" * 300_000 + b"\r\n\r\n",
    ],
    ids=["nothing", "noise", "short", "two lengths", "negative", "long head"],
)
async def test_answers_that_are_none(http: GuardedHttp, answer: bytes) -> None:
    async with private_server(answer) as server:
        with pytest.raises(PeerFailed) as failed:
            await http.post(f"http://127.0.0.1:{server.port}/?secret", {}, b"", 5)
    assert failed.value.failure in {PeerFailure.PROTOCOL, PeerFailure.CONNECTION}
    assert "secret" not in str(failed.value)


async def test_ports_are_those_of_the_policy() -> None:
    async with private_server() as server:
        policy = EgressPolicy(LOOPBACK.allowed, frozenset({server.port + 1}))
        async with aclosing(GuardedHttp(policy)) as http:
            with pytest.raises(DestinationRefused):
                await http.post(f"http://127.0.0.1:{server.port}/", {}, b"", 5)
    assert server.connections == 0
