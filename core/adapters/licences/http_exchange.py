"""One request to a licence service: bounded in time and size, and never repeated once it may have arrived."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import httpx

from core.domain.errors import Forbidden, Unavailable

_MOST_BYTES = 1024 * 1024
_ATTEMPTS = 3


class AnswerTooLong(Exception):
    """Nobody's answer is this long."""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class LicenceService:
    """`url` may hold credentials of the operator's: it never appears in an error. `name` does."""

    def __init__(self, client: httpx.AsyncClient, name: str, url: str, *, seconds: float) -> None:
        self._client = client
        self._name = name
        self._url = url
        self._seconds = seconds

    async def post(self, body: bytes, headers: Mapping[str, str], params: Mapping[str, str] | None = None) -> Answer:
        """An answer of 2xx. Raises Forbidden (LICENCE_DENIED) for 4xx, Unavailable (LICENCE_SERVICE_FAILED) else."""
        answer = await self._exchange(body, headers, params)
        if 400 <= answer.status < 500 and answer.status != 429:
            raise self.denied(f"status {answer.status}")
        if not 200 <= answer.status < 300:
            raise self.failed(f"status {answer.status}")
        return answer

    def denied(self, reason: str) -> Forbidden:
        detail = f"The licence service for {self._name} refused."
        return Forbidden(detail, code="LICENCE_DENIED", fields={"service": reason})

    def failed(self, reason: str) -> Unavailable:
        detail = f"The licence service for {self._name} did not do its part. Please try again."
        return Unavailable(detail, code="LICENCE_SERVICE_FAILED", fields={"service": reason})

    async def _exchange(self, body: bytes, headers: Mapping[str, str], params: Mapping[str, str] | None) -> Answer:
        try:
            for _ in range(_ATTEMPTS - 1):
                # Nothing was sent, so nothing was issued: this alone is safe to repeat.
                with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                    return await self._send(body, headers, params)
            return await self._send(body, headers, params)
        except (httpx.HTTPError, AnswerTooLong) as error:
            raise self.failed(type(error).__name__) from None

    async def _send(self, body: bytes, headers: Mapping[str, str], params: Mapping[str, str] | None) -> Answer:
        url = httpx.URL(self._url).copy_merge_params(dict(params or {}))
        request = self._client.build_request("POST", url, content=body, headers=dict(headers), timeout=self._seconds)
        response = await self._client.send(request, stream=True, follow_redirects=False)
        return Answer(response.status_code, response.headers, await read_bounded(response, _MOST_BYTES))


async def read_bounded(response: httpx.Response, most: int) -> bytes:
    """The body, decoded, and the connection given back. Raises AnswerTooLong."""
    body = bytearray()
    try:
        async for piece in response.aiter_bytes():
            body += piece
            if len(body) > most:
                raise AnswerTooLong
    finally:
        await response.aclose()
    return bytes(body)
