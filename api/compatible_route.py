"""Routes that VdoCipher's clients call. They know an error by its `message` key, and by some literal texts."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api.dependencies import api_key_of
from api.errors import LATER, noted
from core.domain.errors import DomainError, Forbidden, InvalidInput, NotFound, Unauthenticated, Unavailable

_STATUS: dict[type[DomainError], int] = {Unauthenticated: 401, Forbidden: 403, NotFound: 404, Unavailable: 503}
_BAD_HEADER = "Bad formatting of Authorization header"
_NOT_FOUND = "Video not found"
#: What is not found is a video, or what the error's code says.
_OTHERS_NOT_FOUND = {
    "HOOK_NOT_FOUND": "Hook not found",
    "FOLDER_NOT_FOUND": "Folder not found",
    "FILE_NOT_FOUND": "File not found",
}

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class CompatibleRoute(APIRoute):
    """Renders errors as `{"message": …, "code": …}`; `code` is the one of our other routes."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()

        async def with_messages(request: Request) -> Response:
            try:
                return await handle(request)
            except DomainError as error:
                return _domain(request, error)
            except RequestValidationError as error:
                return _invalid(request, error)
            except HTTPException as error:
                return _message(request, error.status_code, "REFUSED", str(error.detail))
            except LATER:
                return _message(
                    request, 503, "UNAVAILABLE", "A service we depend on does not answer. Please try again."
                )

        return with_messages


class CompatibleRouter(APIRouter):
    """Every path is there with and without a slash at its end: clients use both, and no redirect need be followed."""

    def __init__(self, prefix: str, tag: str) -> None:
        responses = compatible_responses(400, 401, 404, 413, "4XX", 503)
        super().__init__(prefix=prefix, tags=[tag], route_class=CompatibleRoute, responses=responses)

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().add_api_route(path, endpoint, **options)
        super().add_api_route(f"{path}/", endpoint, **(options | {"include_in_schema": False}))


def compatible_responses(*statuses: int | str) -> dict[int | str, dict[str, Any]]:
    """For a route's documentation."""
    schema = {"type": "object", "properties": {"message": {"type": "string"}, "code": {"type": "string"}}}
    content = {"application/json": {"schema": schema}}
    return {status: {"description": "An error, known by its `message`.", "content": content} for status in statuses}


def _domain(request: Request, error: DomainError) -> JSONResponse:
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)
    text = error.detail
    if isinstance(error, NotFound):
        text = _OTHERS_NOT_FOUND.get(error.code, _NOT_FOUND)
    elif status == 401 and api_key_of(request.headers.get("authorization")) is None:
        text = _BAD_HEADER
    return _message(request, status, error.code, text)


def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    """An id that cannot be one is answered like one that is not there; values are never repeated."""
    places = [item["loc"] for item in error.errors()]
    if all(place[0] == "path" for place in places):
        return _message(request, 404, NotFound.code, _NOT_FOUND)
    return _message(request, 400, InvalidInput.code, "Not valid: " + ", ".join(str(place[-1]) for place in places))


def _message(request: Request, status: int, code: str, text: str) -> JSONResponse:
    headers = {"Cache-Control": "no-store"} | ({"WWW-Authenticate": "Apisecret"} if status == 401 else {})
    return JSONResponse({"message": text, "code": noted(request, code)}, status, headers)
