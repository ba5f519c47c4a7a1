"""Around every request: an id, one log line without secrets, security headers, a limit on the body."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ERROR_CODE, internal_error, problem

_log = structlog.get_logger("api.access")

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)

#: For support, and for players that wait as long as they are told to.
_EXPOSED = "Retry-After, X-Request-ID"
#: What browsers ask for (Fetch, "CORS protocol"): JSON, tokens and, for media, ranges make them ask.
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Range",
    "Access-Control-Max-Age": "86400",
}

_SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class RequestContext:
    """Gives the request its id and logs how it ended; the last resort for exceptions nobody expected."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = _SECURITY_HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._handle(scope, receive, send, request_id)

    async def _handle(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # the process edge
            _log.exception("request failed", route=_route(scope), error=type(error).__name__)
            if status:
                # Too late for another answer: closing the connection tells the client that this one is not whole.
                raise
            await internal_error()(scope, receive, send_with_headers)
        finally:
            milliseconds = round((time.perf_counter() - started) * 1000, 1)
            refusal = {"code": scope[ERROR_CODE]} if ERROR_CODE in scope else {}
            _log.info("request", method=scope["method"], route=_route(scope), status=status, ms=milliseconds, **refusal)


class OpenToPages:
    """Lets players on pages of any origin call what is under `prefixes`, and read every answer, refusals among them.

    What is there is opened by a signature, a token or an OTP, never by a cookie.
    """

    def __init__(self, app: ASGIApp, *, prefixes: tuple[str, ...]) -> None:
        self._app = app
        self._prefixes = prefixes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_open(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Access-Control-Allow-Origin"] = "*"
                headers.setdefault("Access-Control-Expose-Headers", _EXPOSED)
            await send(message)

        if scope["type"] != "http" or not scope["path"].startswith(self._prefixes):
            await self._app(scope, receive, send)
        elif scope["method"] == "OPTIONS":
            await Response(status_code=204, headers=_PREFLIGHT)(scope, receive, send_open)
        else:
            await self._app(scope, receive, send_open)


class BodyLimit:
    """Refuses bodies above `limit` bytes, announced or not, except where `streams` says that files pass through."""

    def __init__(self, app: ASGIApp, *, limit: int, streams: Callable[[str], bool]) -> None:
        self._app = app
        self._limit = limit
        self._streams = streams

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._streams(scope["path"]):
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdigit() and int(length) > self._limit:
            detail = f"The body is larger than {self._limit} bytes."
            await problem(413, "CONTENT_TOO_LARGE", detail, headers={"Connection": "close"})(scope, receive, send)
            return
        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise HTTPException(413, f"The body is larger than {self._limit} bytes.")
            return message

        await self._app(scope, receive_counted, send)


def _request_id(scope: Scope) -> str:
    """The caller's own id where it is harmless, so that logs of both sides can be joined."""
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex


def _route(scope: Scope) -> str:
    """The route's template: paths can hold signatures, and queries tokens."""
    return getattr(scope.get("route"), "path", "unmatched")
