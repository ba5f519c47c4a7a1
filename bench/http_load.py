"""Many requests over a few kept-alive connections, each answered before the next is sent.

Written on bare streams: a client library would cost more processor time than what is measured.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_HEAD_LIMIT = 2**20


@dataclass(frozen=True)
class Load:
    """`latencies` are seconds, sorted; `bodies` are the answers, in the order in which they came."""

    seconds: float
    latencies: tuple[float, ...]
    bodies: tuple[bytes, ...]

    @property
    def per_second(self) -> float:
        return len(self.latencies) / self.seconds

    def quantile(self, share: float) -> float:
        """Nearest-rank quantile in seconds; `share` is above 0 and at most 1."""
        rank = max(1, -(-len(self.latencies) * share // 1))
        return self.latencies[int(rank) - 1]


class UnexpectedAnswer(Exception):
    """A status that the benchmark did not expect: what it measures is not what it says."""


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """One HTTP/1.1 request, ready to send (RFC 9112)."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def run_load(port: int, requests: Iterable[bytes], *, connections: int, seconds: float, status: int) -> Load:
    """Send until the time is over or the requests are used up. Raises UnexpectedAnswer."""
    pending = iter(requests)
    deadline = time.monotonic() + seconds
    began = time.monotonic()
    lanes = [_lane(port, pending, deadline, status) for _ in range(connections)]
    found = [answer for lane in await asyncio.gather(*lanes) for answer in lane]
    took = time.monotonic() - began
    return Load(took, tuple(sorted(latency for latency, _ in found)), tuple(body for _, body in found))


async def _lane(port: int, pending: Iterator[bytes], deadline: float, status: int) -> list[tuple[float, bytes]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_HEAD_LIMIT)
    found: list[tuple[float, bytes]] = []
    try:
        while time.monotonic() < deadline and (message := next(pending, None)) is not None:
            sent = time.perf_counter()
            writer.write(message)
            body = await _answer(reader, status)
            found.append((time.perf_counter() - sent, body))
    finally:
        writer.close()
        await writer.wait_closed()
    return found


async def _answer(reader: asyncio.StreamReader, expected: int) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = next(
        (int(line[15:]) for line in head.split(b"\r\n") if line[:15].lower() == b"content-length:"),
        0,
    )
    body = await reader.readexactly(length)
    if status != expected:
        raise UnexpectedAnswer(f"{status} instead of {expected}: {body[:200].decode(errors='replace')}")
    return body
