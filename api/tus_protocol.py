"""What every request and answer of tus 1.0.0 has in common (tus.io/protocols/resumable-upload), and CORS for pages."""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem
from core.domain.tus.checksum import ALGORITHMS

PREFIX = "/v1/tus"
VERSION = "1.0.0"
MEDIA_TYPE = "application/offset+octet-stream"

_EXTENSIONS = "creation,creation-with-upload,expiration,checksum,termination,concatenation"
_METHODS = ("POST", "HEAD", "PATCH", "DELETE")
_SENT = (
    "Authorization, Content-Type, Tus-Resumable, Upload-Checksum, Upload-Concat, Upload-Length, Upload-Metadata, "
    "Upload-Offset, X-HTTP-Method-Override, X-Request-ID"
)
_READ = (
    "Location, Retry-After, Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, "
    "Upload-Concat, Upload-Expires, Upload-Length, Upload-Metadata, Upload-Offset, X-Request-ID"
)


class TusProtocol:
    """Answers discovery and other versions by itself; pages may call, for a key opens the door and never a cookie."""

    def __init__(self, app: ASGIApp, *, max_size: int) -> None:
        self._app = app
        self._discovery = {
            "Tus-Version": VERSION,
            "Tus-Extension": _EXTENSIONS,
            "Tus-Max-Size": str(max_size),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
            "Access-Control-Allow-Methods": ", ".join(_METHODS),
            "Access-Control-Allow-Headers": _SENT,
            "Access-Control-Max-Age": "86400",
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_tus(scope["path"]):
            await self._app(scope, receive, send)
            return

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Tus-Resumable"] = VERSION
                headers["Access-Control-Allow-Origin"] = "*"
                headers["Access-Control-Expose-Headers"] = _READ
            await send(message)

        await self._answer(scope)(scope, receive, send_named)

    def _answer(self, scope: Scope) -> ASGIApp:
        headers = Headers(scope=scope)
        if scope["method"] == "OPTIONS":
            return Response(status_code=204, headers=self._discovery)
        if headers.get("tus-resumable") != VERSION:
            text = f"Send `Tus-Resumable: {VERSION}`: it is the only version spoken here."
            status = HTTPStatus.PRECONDITION_FAILED
            return problem(status, status.name, text, headers={"Tus-Version": VERSION})
        instead = headers.get("x-http-method-override", "").upper()
        if instead in _METHODS:
            scope["method"] = instead
        return self._app


def is_tus(path: str) -> bool:
    return path == PREFIX or path.startswith(f"{PREFIX}/")
