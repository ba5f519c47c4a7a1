"""Routes that create something: with an `Idempotency-Key` a request that is sent again gets the first one's answer."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.dependencies import calling, services
from api.errors import responses
from core.domain.errors import InvalidInput
from core.services.idempotency.once import IdempotentRequests

HEADER = "Idempotency-Key"
_REPLAYED = "Idempotent-Replayed"
_KEY = re.compile(r'"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255})', re.ASCII)
_KEPT_HEADERS = ("content-type", "cache-control", "location")
_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "Up to 255 printable characters, new for each thing to be done. Remembered for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 257},
}


class IdempotentRoute(APIRoute):
    """For POST routes; others of a router with this class are as ever. An answer below 500 is the final one.

    What was refused may be sent again under the same key: nothing had been done.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if options.get("methods") == ["POST"]:
            extra = options.get("openapi_extra") or {}
            options["openapi_extra"] = {**extra, "parameters": [*extra.get("parameters", []), _PARAMETER]}
            options["responses"] = {**responses(409, 422), **(options.get("responses") or {})}
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_once(request: Request) -> Response:
            given = request.headers.get(HEADER)
            if given is None or self.methods != {"POST"}:
                return await handle(request)
            return await _once(request, _key(given), handle)

        return handle_once


async def _once(request: Request, key: str, handle: Callable[[Request], Coroutine[Any, Any, Response]]) -> Response:
    opened = await services(request)
    principal = await calling(request, opened)
    requests = IdempotentRequests(opened.uow, opened.signing_keys.idempotency)
    begun = await requests.begin(principal.organisation_id, key, await _hash(request), opened.clock.now())
    if isinstance(begun, bytes):
        return _replayed(begun)
    try:
        response = await handle(request)
    except BaseException:
        await requests.drop(begun)
        raise
    await requests.finish(begun, _stored(response))
    return response


def _key(given: str) -> str:
    """Quoted as the draft has it, or bare as most clients send it. Raises InvalidInput."""
    found = _KEY.fullmatch(given.strip())
    if found is None:
        detail = f"{HEADER} is 1 to 255 printable ASCII characters, without quotes and backslashes in between."
        raise InvalidInput(detail, code="IDEMPOTENCY_KEY_INVALID")
    return found[1] or found[2]


async def _hash(request: Request) -> str:
    """Of everything that says what is asked for."""
    asked = [request.method.encode(), request.scope["path"].encode(), request.scope["query_string"]]
    digest = hashlib.sha256()
    for part in (*asked, await request.body()):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def _stored(response: Response) -> bytes:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    body = base64.b64encode(bytes(response.body)).decode()
    return json.dumps({"status": response.status_code, "headers": headers, "body": body}).encode()


def _replayed(stored: bytes) -> Response:
    answer = json.loads(stored)
    headers = {**answer["headers"], _REPLAYED: "true"}
    return Response(base64.b64decode(answer["body"]), answer["status"], headers)
