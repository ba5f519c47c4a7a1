"""HTTP to addresses that customers gave: to the address that was judged, once, with bounds on everything.

A transport and not a client of httpx: no cookies, no redirects, no proxies of the environment, no decompression.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import urljoin

import httpx

from core.adapters.egress.resolution import Resolve, addresses_of, system_resolver
from core.domain.egress.destination import Destination, EgressPolicy, parse_destination
from core.ports import HttpAnswer, HttpStream, PeerFailed, PeerFailure

_USER_AGENT = "Sealcast"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


class GuardedHttp:
    """An OutboundHttp. `resolve` and `tls` are for tests; by default the system's names and the usual authorities."""

    def __init__(
        self, policy: EgressPolicy, *, resolve: Resolve = system_resolver, tls: ssl.SSLContext | None = None
    ) -> None:
        self._policy = policy
        self._resolve = resolve
        self._transport = httpx.AsyncHTTPTransport(
            verify=tls or httpx.create_ssl_context(trust_env=False),
            trust_env=False,
            # A connection belongs to one name: kept, it would serve others that share the address.
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
        )

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds: float, *, most: int = 64 * 1024
    ) -> HttpAnswer:
        """See OutboundHttp."""
        destination = parse_destination(url, self._policy)
        with _failures():
            async with asyncio.timeout(seconds):
                response = await self._send("POST", destination, headers, body, seconds)
                content, truncated = await _read(response, most)
        return HttpAnswer(response.status_code, _fields(response), content, truncated)

    @asynccontextmanager
    async def get(
        self, url: str, headers: Mapping[str, str], *, seconds: float, idle: float
    ) -> AsyncIterator[HttpStream]:
        """See OutboundHttp."""
        destination = parse_destination(url, self._policy)
        with _failures():
            async with asyncio.timeout(seconds):
                response = await self._send("GET", destination, headers, b"", idle)
        try:
            yield GuardedStream(url, response)
        finally:
            with _failures():
                await response.aclose()

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def _send(
        self, method: str, destination: Destination, headers: Mapping[str, str], body: bytes, idle: float
    ) -> httpx.Response:
        """By address, with the name in the Host header and, for the certificate, in TLS."""
        *others, last = await addresses_of(destination, self._policy, self._resolve)
        for address in others:
            try:
                return await self._transport.handle_async_request(
                    _request(method, destination, address, headers, body, idle)
                )
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # nothing was sent: the name's next address may answer
        return await self._transport.handle_async_request(_request(method, destination, last, headers, body, idle))


class GuardedStream:
    """An HttpStream."""

    def __init__(self, url: str, response: httpx.Response) -> None:
        self._response = response
        self.status = response.status_code
        self.headers: Mapping[str, str] = _fields(response)
        self.redirect = _redirect(url, response)

    async def chunks(self) -> AsyncIterator[bytes]:
        with _failures():
            async for chunk in self._response.aiter_raw():
                yield chunk


def _request(
    method: str, destination: Destination, address: str, headers: Mapping[str, str], body: bytes, idle: float
) -> httpx.Request:
    fixed = {
        "Host": destination.authority,
        "Accept-Encoding": "identity",
        "Connection": "close",
    }
    names = {name.lower() for name in fixed}
    given = {name: value for name, value in headers.items() if name.lower() not in names}
    return httpx.Request(
        method,
        httpx.URL(scheme=destination.scheme, host=address, port=destination.port, path="/"),
        headers={"User-Agent": _USER_AGENT, **given, **fixed},
        content=body if method == "POST" else None,
        extensions={
            "timeout": {"connect": idle, "read": idle, "write": idle, "pool": idle},
            "target": destination.target.encode("ascii"),
            "sni_hostname": destination.host,
        },
    )


async def _read(response: httpx.Response, most: int) -> tuple[bytes, bool]:
    """The body as it was sent, not decoded, and whether there is more of it. The connection is given back."""
    body = bytearray()
    try:
        async for piece in response.aiter_raw():
            body += piece
            if len(body) > most:
                return bytes(body[:most]), True
    finally:
        await response.aclose()
    return bytes(body), False


def _fields(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _redirect(url: str, response: httpx.Response) -> str | None:
    location: str | None = response.headers.get("location")
    if response.status_code not in _REDIRECTS or location is None:
        return None
    try:
        return urljoin(url, location)
    except ValueError:
        raise PeerFailed(PeerFailure.PROTOCOL) from None


@contextmanager
def _failures() -> Iterator[None]:
    """No text of the error: it may hold the address, with whatever is in its query."""
    try:
        yield
    except (TimeoutError, httpx.TimeoutException):
        raise PeerFailed(PeerFailure.TIMEOUT) from None
    except httpx.ConnectError as error:
        raise PeerFailed(PeerFailure.TLS if _is_tls(error) else PeerFailure.CONNECTION) from None
    except (httpx.NetworkError, OSError):
        raise PeerFailed(PeerFailure.CONNECTION) from None
    except httpx.HTTPError:
        raise PeerFailed(PeerFailure.PROTOCOL) from None


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
