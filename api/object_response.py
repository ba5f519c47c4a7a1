"""An object of the store as an HTTP response, passed on piece by piece."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from core.ports import ObjectBody


class ObjectResponse(StreamingResponse):
    """Status, length and range as the store gave them. The store's connection is let go however this ends."""

    def __init__(self, body: ObjectBody, media_type: str, headers: Mapping[str, str]) -> None:
        given = dict(headers) | {"Content-Length": str(body.content_length)}
        if body.content_range:
            given["Content-Range"] = body.content_range
        if body.etag:
            given["ETag"] = f'"{body.etag}"'
        if body.status >= 400:
            given["Cache-Control"] = "no-store"
        super().__init__(body.chunks(), body.status, given, media_type)
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._body.aclose()
