"""Calls to addresses that customers gave."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class PeerFailure(StrEnum):
    """How a server on the internet failed us."""

    NAME = "name"
    CONNECTION = "connection"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"


class PeerFailed(Exception):
    """No answer, or none that could be read. Another try may go better. Holds nothing of the address."""

    def __init__(self, failure: PeerFailure) -> None:
        super().__init__(failure.value)
        self.failure = failure


@dataclass(frozen=True)
class HttpAnswer:
    """Header names are lower-case. The body is as it was sent, not decoded, cut off at the bound when `truncated`."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    truncated: bool = False


class HttpStream(Protocol):
    """An answer whose body is still to come. Header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    #: Where the answer sends us, absolute and not judged yet: calling it is up to the caller.
    redirect: str | None

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it is sent, not decoded. Raises PeerFailed, also for a body that ends early."""
        ...


class OutboundHttp(Protocol):
    """HTTP to addresses that customers gave. All raise DestinationRefused (never to be called) and PeerFailed.

    Never repeats a request, follows a redirect, keeps a cookie, or uses a proxy of the environment.
    """

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds: float, *, most: int = 64 * 1024
    ) -> HttpAnswer:
        """`seconds` bound the whole exchange, `most` bytes the answer's body."""
        ...

    def get(
        self, url: str, headers: Mapping[str, str], *, seconds: float, idle: float
    ) -> AbstractAsyncContextManager[HttpStream]:
        """`seconds` bound the time to the answer's head, `idle` seconds each silence within its body."""
        ...
