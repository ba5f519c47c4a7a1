"""What a step's failure means to Temporal."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError
from temporalio.exceptions import ApplicationError

from activities.errors import LeaseLost, is_transient, translate
from core.adapters.ffmpeg.errors import ScratchFull, ToolFailed
from core.domain.failures import FailureCode, VideoRejected
from core.ports import KeyServiceUnavailable, KeyUnavailable, StorageUnavailable, WorkflowsUnavailable

OUTAGES = [
    StorageUnavailable("503"),
    WorkflowsUnavailable("UNAVAILABLE"),
    KeyServiceUnavailable("Vault at https://vault.test: VaultDown"),
    OperationalError("SELECT 1", {}, Exception("server closed the connection")),
    ScratchFull("ffmpeg", 0, "No space left on device"),
    OSError(28, "No space left on device"),
    LeaseLost("no heartbeat for 25 s"),
]


@pytest.mark.parametrize("error", OUTAGES, ids=lambda error: type(error).__name__)
def test_outage_is_never_final(error: Exception) -> None:
    assert is_transient(error)
    assert not translated(error, 1000).non_retryable


def test_failure_of_its_own_is_final_at_the_fifth_time() -> None:
    error = ToolFailed("ffmpeg", 1, "who knows")
    assert not translated(error, 4).non_retryable
    last = translated(error, 5)
    assert (last.non_retryable, last.type) == (True, FailureCode.PROCESSING_FAILED)


def test_a_key_that_does_not_open_is_no_outage() -> None:
    assert not is_transient(KeyUnavailable("content key 00 does not open"))


def test_rejection_is_final_at_once() -> None:
    final = translated(VideoRejected(FailureCode.TRUNCATED, "ends early"), 1)
    assert (final.non_retryable, final.type) == (True, FailureCode.TRUNCATED)


def translated(error: Exception, faults: int) -> ApplicationError:
    found = translate(error, faults)
    assert isinstance(found, ApplicationError)
    return found
