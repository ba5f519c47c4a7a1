"""Progress of an activity: a heartbeat for Temporal at every reading, a throttled row for people."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError
from temporalio import activity

from activities.errors import LeaseLost
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.progress import Report, Step, StepProgress, StepState
from core.services.progress.write_progress import write_progress

_log = structlog.get_logger(__name__)

_INTERVAL = 1.0
"""Seconds between two rows of the same item, and between two beats of a silent one."""

_BEAT = 2.0
"""Seconds between two heartbeats that tell nothing else."""


class _Reporter:
    """Keeps the newest reading; a task writes it now and then. Losing a reading loses nothing."""

    def __init__(self, uow: UnitOfWorkFactory, target: VersionRef, step: Step, item: str) -> None:
        self._uow = uow
        self._target = target
        self._step = step
        self._item = item
        self._newest: StepProgress | None = None
        self._last = StepProgress(0.0)
        self._beaten_at = time.monotonic()
        self._lost = False

    def __call__(self, reading: StepProgress) -> None:
        """Raises LeaseLost, before anything more is stored, when the step has been given to another worker."""
        self._newest = self._last = reading
        self._beat()

    def _beat(self) -> None:
        now, limit = time.monotonic(), activity.info().heartbeat_timeout
        silent = now - self._beaten_at
        self._lost = self._lost or (limit is not None and silent > limit.total_seconds())
        if self._lost:
            raise LeaseLost(f"no heartbeat for {silent:.0f} s")
        self._beaten_at = now
        activity.heartbeat(self._last)

    async def beat_and_write(self) -> None:
        """Also beats while nothing is reported, as during a long transfer: a cancel only arrives with a beat.

        That cannot hide a hung tool: the runner ends tools that stall, transfers have timeouts, and the whole
        attempt has one.
        """
        while True:
            await asyncio.sleep(_INTERVAL)
            with suppress(LeaseLost):  # the next report raises it where the step can end
                self._beat()
            reading, self._newest = self._newest, None
            if reading is not None:
                try:
                    await self.write(StepState.RUNNING, reading)
                except (SQLAlchemyError, OSError) as error:
                    _log.warning("progress not written", step=self._step.value, error=type(error).__name__)

    async def write(self, state: StepState, reading: StepProgress) -> None:
        async with self._uow() as uow:
            await write_progress(uow, self._target, self._step, self._item, state, reading)
            await uow.commit()


@asynccontextmanager
async def heartbeats() -> AsyncIterator[None]:
    """For calls that have no progress to tell but time limits of their own: a worker that dies is noticed at once."""
    beating = asyncio.create_task(_beat())
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(_BEAT)


@asynccontextmanager
async def step_progress(
    uow: UnitOfWorkFactory, target: VersionRef, step: Step, item: str = ""
) -> AsyncIterator[Report]:
    """Mark the item running, hand out the `report` function, and mark it done or failed at the end."""
    reporter = _Reporter(uow, target, step, item)
    await reporter.write(StepState.RUNNING, StepProgress(0.0))
    writer = asyncio.create_task(reporter.beat_and_write())
    try:
        yield reporter
    finally:
        writer.cancel()
        with suppress(asyncio.CancelledError):
            await writer
    # A failed attempt stays "running" for people: it is retried, and the final state is the video's.
    await reporter.write(StepState.DONE, StepProgress(1.0))
