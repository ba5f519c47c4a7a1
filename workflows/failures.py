"""From an exception in a workflow to the failure code its owner sees."""

from __future__ import annotations

from temporalio.exceptions import ApplicationError, FailureError

from core.domain.failures import FailureCode

_CODES = frozenset(code.value for code in FailureCode)


def failure_of(error: BaseException) -> tuple[FailureCode, str]:
    """Code and operator's detail of the outermost cause that is one of ours. Anything else is our own failure."""
    cause: BaseException | None = error
    last = error
    while cause is not None:
        if isinstance(cause, ApplicationError) and cause.type in _CODES:
            return FailureCode(cause.type), cause.message
        last, cause = cause, cause.cause if isinstance(cause, FailureError) else None
    return FailureCode.PROCESSING_FAILED, (last.message if isinstance(last, FailureError) else str(last))[:2000]
