"""The one family of business errors. Edges translate it (REST, GraphQL, Temporal); nobody parses its text."""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """A rule said no. `code` is stable and machine-readable, `detail` is a sentence for people."""

    code: str = "ERROR"

    def __init__(self, detail: str, *, code: str | None = None, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code is not None:
            self.code = code
        self.fields: dict[str, str] = dict(fields or {})


class NotFound(DomainError):
    """The thing does not exist for this tenant; another tenant's thing is reported the same way."""

    code = "NOT_FOUND"


class InvalidInput(DomainError):
    """The caller sent something that can never succeed; `fields` names what to change."""

    code = "INVALID_INPUT"


class Conflict(DomainError):
    """The thing exists, but not in a state in which this can be done."""

    code = "CONFLICT"


class Unauthenticated(DomainError):
    """No credential, or one that proves nothing."""

    code = "UNAUTHENTICATED"


class Forbidden(DomainError):
    """A good credential without the right to do this."""

    code = "FORBIDDEN"


class TooManyAttempts(DomainError):
    """Tried too often; `retry_after` in seconds."""

    code = "TOO_MANY_ATTEMPTS"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Too many attempts. Try again in {retry_after} seconds.")
        self.retry_after = retry_after


class Unavailable(DomainError):
    """Something we depend on did not do its part: the same request may succeed later."""

    code = "UNAVAILABLE"
