"""From what a use case raises to what Temporal should do about it."""

from __future__ import annotations

import asyncio

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from core.adapters.ffmpeg.errors import OutOfMemory, ScratchFull
from core.domain.errors import DomainError
from core.domain.failures import FailureCode, VideoRejected
from core.ports import KeyServiceUnavailable, LeasesUnavailable, PeerFailed, StorageUnavailable, WorkflowsUnavailable


class LeaseLost(Exception):
    """This worker was frozen for longer than the heartbeat timeout: another one has taken the step over."""


_TRANSIENT = (
    StorageUnavailable,
    WorkflowsUnavailable,
    LeaseLost,
    KeyServiceUnavailable,
    LeasesUnavailable,
    PeerFailed,
    ScratchFull,
    OutOfMemory,
    OperationalError,
    InterfaceError,
    PoolTimeout,
    OSError,
    asyncio.TimeoutError,
)
"""Worth trying until the whole step's time is over: somebody will bring the server back or free the disk."""

_FAULTS = 5
"""Of everything else: a tool that failed this often, or a bug, will not succeed by itself."""

_LONGEST = 4000
"""Characters of a message: error texts are part of the history, and payloads are limited."""


def is_transient(error: Exception) -> bool:
    """Somebody else's trouble: it says nothing about the step and does not count against it."""
    return isinstance(error, _TRANSIENT) or (isinstance(error, DBAPIError) and error.connection_invalidated)


def translate(error: Exception, faults: int) -> Exception:
    """The exception to raise in the activity. `faults` counts the step's failures that were not transient."""
    if isinstance(error, ApplicationError):
        return error
    text = str(error)[-_LONGEST:]
    if isinstance(error, VideoRejected):
        return ApplicationError(
            text, type=error.failure.value, non_retryable=True, category=ApplicationErrorCategory.BENIGN
        )
    if isinstance(error, DomainError):
        return ApplicationError(text, type=error.code, non_retryable=True)
    if not is_transient(error) and faults >= _FAULTS:
        return ApplicationError(text, type=FailureCode.PROCESSING_FAILED.value, non_retryable=True)
    return ApplicationError(text, type=type(error).__name__)
