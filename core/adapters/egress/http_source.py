"""Sources over HTTP: range requests under a validator (RFC 9110, 13.1.5 and 14), redirects judged hop by hop."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from core.domain.failures import FailureCode, VideoRejected
from core.domain.imports import is_video_page
from core.ports import HttpStream, OutboundHttp, PeerFailed, PeerFailure, SourceStream

_MOST_HOPS = 10
_SECONDS = 30.0
_IDLE = 30.0
_LONGEST_VALIDATOR = 300
_RANGE = re.compile(r"bytes (\d{1,18})-\d{1,18}/(\d{1,18}|\*)", re.ASCII | re.IGNORECASE)
_UNSATISFIED = re.compile(r"bytes \*/(\d{1,18})", re.ASCII | re.IGNORECASE)
_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_FINAL = {
    401: FailureCode.SOURCE_FORBIDDEN,
    402: FailureCode.SOURCE_FORBIDDEN,
    403: FailureCode.SOURCE_FORBIDDEN,
    404: FailureCode.SOURCE_NOT_FOUND,
    407: FailureCode.SOURCE_FORBIDDEN,
    410: FailureCode.SOURCE_NOT_FOUND,
    451: FailureCode.SOURCE_FORBIDDEN,
}
_LATER = frozenset({408, 421, 423, 425, 429})


class HttpSource:
    """`seconds` bound the time to each answer's head, `idle` seconds each silence."""

    def __init__(self, http: OutboundHttp, *, seconds: float = _SECONDS, idle: float = _IDLE) -> None:
        self._http = http
        self._seconds = seconds
        self._idle = idle

    @asynccontextmanager
    async def open(self, url: str, start: int, validator: str | None) -> AsyncIterator[SourceStream]:
        async with AsyncExitStack() as connections:
            answer = None
            if start and validator:
                wanted = {"Range": f"bytes={start}-", "If-Range": validator}
                answer = _rest(await self._arrive(url, wanted, connections), start, validator)
            if answer is None:
                await connections.aclose()
                answer = _whole(await self._arrive(url, {}, connections))
            yield answer

    async def _arrive(self, url: str, headers: Mapping[str, str], connections: AsyncExitStack) -> HttpStream:
        """The answer at the end of all redirects. `connections` closes it."""
        for _ in range(_MOST_HOPS):
            stream = await connections.enter_async_context(
                self._http.get(url, headers, seconds=self._seconds, idle=self._idle)
            )
            if stream.redirect is None:
                _check_status(stream)
                return stream
            await connections.aclose()
            url = _hop(url, stream.redirect)
        raise VideoRejected(FailureCode.SOURCE_REFUSED, f"more than {_MOST_HOPS} redirects")


def _hop(url: str, redirect: str) -> str:
    """Raises VideoRejected; where the next address leads is judged when it is called."""
    parts = urlsplit(redirect)
    if is_video_page(parts.hostname or ""):
        raise VideoRejected(FailureCode.SOURCE_IS_A_PAGE, "redirected to a site of video pages")
    if url.startswith("https:") and parts.scheme == "http":
        raise VideoRejected(FailureCode.SOURCE_NOT_ALLOWED, "redirected from https to http")
    return redirect


def _check_status(stream: HttpStream) -> None:
    status = stream.status
    if status in {200, 206, 416}:
        return
    if status in _LATER or status >= 500:
        raise PeerFailed(PeerFailure.PROTOCOL)
    raise VideoRejected(_FINAL.get(status, FailureCode.SOURCE_REFUSED), f"status {status}")


def _rest(stream: HttpStream, start: int, validator: str) -> SourceStream | None:
    """None for an answer that does not go on where we stopped."""
    if stream.status == 200:
        return _whole(stream)
    if stream.headers.get("etag", validator) != validator and validator.startswith('"'):
        return None
    given = stream.headers.get("content-range", "")
    if stream.status == 416:
        end = _UNSATISFIED.fullmatch(given)
        return SourceStream(start, start, validator, _nothing()) if end and int(end[1]) == start else None
    found = _RANGE.fullmatch(given)
    if found is None or int(found[1]) != start:
        return None
    return SourceStream(start, None if found[2] == "*" else int(found[2]), validator, stream.chunks())


def _whole(stream: HttpStream) -> SourceStream:
    if stream.status != 200:
        raise VideoRejected(FailureCode.SOURCE_REFUSED, f"status {stream.status} for the whole")
    if stream.headers.get("content-encoding", "identity").lower() != "identity":
        raise VideoRejected(FailureCode.SOURCE_REFUSED, "compressed, which nobody asked for")
    if stream.headers.get("content-type", "").partition(";")[0].strip().lower() in _PAGES:
        raise VideoRejected(FailureCode.SOURCE_IS_A_PAGE, "a page of HTML")
    length = stream.headers.get("content-length", "")
    size = int(length) if length.isascii() and length.isdigit() else None
    return SourceStream(0, size, _validator(stream.headers), stream.chunks())


def _validator(headers: Mapping[str, str]) -> str | None:
    """A strong one: an ETag that is, or a date of change that is older than the answer (RFC 9110, 8.8.2.2)."""
    etag = headers.get("etag", "")
    if etag.startswith('"') and len(etag) <= _LONGEST_VALIDATOR and etag.isascii():
        return etag
    try:
        changed = parsedate_to_datetime(headers["last-modified"])
        answered = parsedate_to_datetime(headers["date"])
        old_enough = answered - changed >= timedelta(seconds=1)
    except (KeyError, ValueError, TypeError):
        return None
    return headers["last-modified"] if old_enough and len(headers["last-modified"]) <= _LONGEST_VALIDATOR else None


async def _nothing() -> AsyncIterator[bytes]:
    pieces: tuple[bytes, ...] = ()
    for piece in pieces:
        yield piece
