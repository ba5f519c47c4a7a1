"""From what a use case raises to a status and a problem document (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from api.schemas.problem import Problem
from core.domain.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidInput,
    NotFound,
    TooManyAttempts,
    Unauthenticated,
    Unavailable,
)
from core.domain.tus.checksum import ChecksumMismatch
from core.ports import (
    AttemptsUnavailable,
    KeyUnavailable,
    LeasesUnavailable,
    MailUnavailable,
    StorageUnavailable,
    WorkflowsUnavailable,
)
from core.request_id import current_request_id
from core.services.playback.ended_sessions import EndedSessionsUnknown
from core.services.uploads.resumable.hold import UploadHeld

_log = structlog.get_logger(__name__)

_STATUS: dict[type[DomainError], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    InvalidInput: 422,
    TooManyAttempts: 429,
    Unavailable: 503,
    UploadHeld: 423,
    ChecksumMismatch: 460,
}
#: Not HTTP's own: tus 1.0.0, extension "checksum".
_PHRASES = {460: "Checksum Mismatch"}
#: A dependency is away: the same request may succeed later.
LATER = (
    StorageUnavailable,
    WorkflowsUnavailable,
    KeyUnavailable,
    LeasesUnavailable,
    AttemptsUnavailable,
    MailUnavailable,
    EndedSessionsUnknown,
    OperationalError,
    InterfaceError,
    PoolTimeout,
)
#: Where in a request's scope the code of its refusal is noted.
ERROR_CODE = "sealcast.error_code"
_TOO_LARGE = frozenset({"FILE_TOO_LARGE", "CHALLENGE_TOO_LARGE", "QUOTA_EXCEEDED", "UPLOAD_TOO_LONG"})
_MOST_FIELDS = 50
_LONGEST_FIELD = 200
_RETRY_AFTER = "5"
_HEADERS = {401: {"WWW-Authenticate": "Apisecret, Bearer"}, 503: {"Retry-After": _RETRY_AFTER}}


class ProblemResponse(JSONResponse):
    media_type = "application/problem+json"


def problem(
    status: int,
    code: str,
    detail: str,
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> ProblemResponse:
    body = Problem(
        type=f"urn:sealcast:problem:{code.lower().replace('_', '-')}",
        title=_phrase(status),
        status=status,
        detail=detail,
        code=code,
        fields=dict(fields or {}),
        request_id=current_request_id(),
    )
    return ProblemResponse(body.model_dump(), status, dict(headers or {}) | {"Cache-Control": "no-store"})


def internal_error() -> ProblemResponse:
    """Says nothing about the cause; the log does, under the same request id."""
    return problem(500, "INTERNAL", "Something went wrong on our side.")


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For a route's documentation."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _phrase(status), "content": content} for status in statuses}


def _phrase(status: int) -> str:
    return _PHRASES.get(status) or HTTPStatus(status).phrase


def install(app: FastAPI) -> None:
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for unavailable in LATER:
        app.add_exception_handler(unavailable, _unavailable)


def noted(request: Request, code: str) -> str:
    """The code of a refusal, noted for the request's line in the log."""
    request.scope[ERROR_CODE] = code
    return code


async def _domain(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, DomainError)  # noqa: S101 - registered for this class only
    status = next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 400)
    if error.code in _TOO_LARGE:
        status = 413
    headers = _HEADERS.get(status)
    if isinstance(error, TooManyAttempts):
        headers = {"Retry-After": str(error.retry_after)}
    return problem(status, noted(request, error.code), error.detail, error.fields, headers)


async def _invalid(request: Request, error: Exception) -> ProblemResponse:
    """Names the fields but never repeats their values: one of them may be a secret in the wrong place."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    fields = {_place(item["loc"]): str(item["msg"]) for item in error.errors()[:_MOST_FIELDS]}
    return problem(422, noted(request, InvalidInput.code), "The request is not valid.", fields)


def _place(location: tuple[int | str, ...]) -> str:
    """The caller may have named the field: as UTF-8 can say it, and no longer than it helps."""
    return ".".join(str(part) for part in location)[:_LONGEST_FIELD].encode("utf-8", "replace").decode()


async def _http(request: Request, error: Exception) -> ProblemResponse:
    assert isinstance(error, HTTPException)  # noqa: S101
    status = HTTPStatus(error.status_code)
    headers = dict(error.headers or {})
    if status is HTTPStatus.METHOD_NOT_ALLOWED and (allowed := _allowed(request)):
        headers["Allow"] = allowed
    return problem(status.value, noted(request, status.name), error.detail, headers=headers)


def _allowed(request: Request) -> str:
    """All documented methods of the path (RFC 9110, 10.2.1); the framework names those of one of its routes."""
    path = getattr(request.scope.get("route"), "path_format", "")
    return ", ".join(sorted(method.upper() for method in request.app.openapi()["paths"].get(path, {})))


async def _unavailable(request: Request, error: Exception) -> ProblemResponse:
    _log.warning("dependency unavailable", error=type(error).__name__, detail=str(error)[:300])
    detail = "A service we depend on does not answer. Please try again."
    return problem(503, noted(request, "UNAVAILABLE"), detail, headers={"Retry-After": _RETRY_AFTER})
