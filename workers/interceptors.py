"""What happens around every activity: errors are translated in one place, so that none can forget to."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import structlog
from temporalio import activity
from temporalio.exceptions import CancelledError
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities.errors import is_transient, translate

_log = structlog.get_logger(__name__)


_REMEMBERED = 1000


class _Faults:
    """How often each step has failed by itself in this process.

    The attempt's number would count outages and lost workers too, and after a minute of 503 the first hiccup of a tool
    would be the last.
    """

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[str | None, str], int] = OrderedDict()

    def add(self, info: activity.Info) -> int:
        step = (info.workflow_run_id, info.activity_id)
        self._counts[step] = count = self._counts.pop(step, 0) + 1
        if len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
        return count


class TranslateErrors(Interceptor):
    def __init__(self) -> None:
        self._faults = _Faults()

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        return _Translating(next, self._faults)


class _Translating(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, faults: _Faults) -> None:  # noqa: A002 - the SDK's name
        super().__init__(next)
        self._faults = faults

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        info = activity.info()
        log = _log.bind(activity=info.activity_type, workflow=info.workflow_id, attempt=info.attempt)
        try:
            return await super().execute_activity(input)
        except CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - the edge of the process
            translated = translate(error, 0 if is_transient(error) else self._faults.add(info))
            log.warning(
                "activity failed",
                error=type(error).__name__,
                final=getattr(translated, "non_retryable", False),
                detail=str(error)[-500:],
            )
            # Not `from error`: the history keeps what people need, the log has the rest.
            raise translated from None
