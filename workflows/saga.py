"""Waiting for many steps as one, and how steps and compensations meet a cancel, which is delivered only once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from typing import Any, TypeVar

from temporalio import workflow

T = TypeVar("T")


async def cancellable(step: Coroutine[Any, Any, T]) -> T:
    """The step's result, unless a cancel was asked for meanwhile.

    A step that is waited for when cancelled, and ends by itself before the cancel has reached it, swallows the cancel:
    the workflow would go on with the next step and never hear of it again.
    """
    result = await step
    if workflow.cancellation_reason() is not None:
        raise asyncio.CancelledError
    return result


async def all_or_none(steps: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Run the steps together. When one fails, cancel the others, wait until they have ended, then raise.

    `asyncio.gather` alone returns while its siblings still run, and a compensation would then delete
    files under them.
    """
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise


async def past_cancel(step: Coroutine[Any, Any, T]) -> T:
    """The step's result; a cancel that comes meanwhile is dropped, because it comes too late."""
    task = asyncio.create_task(step)
    with suppress(asyncio.CancelledError):
        await asyncio.shield(task)
    return await task


async def to_the_end(step: Coroutine[Any, Any, None]) -> None:
    """Finish the step even when the workflow is cancelled meanwhile; the cancel is raised afterwards.

    A bare `await` loses the rest of a compensation, and so does `await asyncio.shield(...)` alone:
    the run would end and take the shielded task along.
    """
    task = asyncio.create_task(step)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
