"""Meeting a step with a cancel at the very moment that a test is about."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.fixtures.scripted_activities import ScriptedActivities


def hold(script: ScriptedActivities, step: str) -> tuple[asyncio.Event, asyncio.Event]:
    """Let the step be deaf to a cancel: events for its start and for its leave to end."""
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def pause(_: Any) -> Any:
        reached.set()
        await go_on.wait()
        return script.results.get(step)

    script.behaviours[step] = pause
    return reached, go_on


async def cancel_requested(handle: Any) -> None:
    """Return when the server has taken the request down."""
    while True:
        history = await handle.fetch_history()
        if any(event.HasField("workflow_execution_cancel_requested_event_attributes") for event in history.events):
            return
        await asyncio.sleep(0.02)


async def timer_started(handle: Any) -> None:
    """Return when the run waits for a timer."""
    while True:
        history = await handle.fetch_history()
        if any(event.HasField("timer_started_event_attributes") for event in history.events):
            return
        await asyncio.sleep(0.02)
