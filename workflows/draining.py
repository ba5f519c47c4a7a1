"""Waiting until nobody watches a version any more."""

from __future__ import annotations

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.lifecycle import LifecycleActivities
    from core.contracts.publish_video import StepInput
    from core.contracts.version_ref import VersionRef
    from core.contracts.video_lifecycle import SessionsInput
    from workflows import options

_LONGEST_NAP = 3600.0
"""Sessions that end early are noticed within the hour."""


async def retire_after_sessions(previous: VersionRef) -> None:
    """What another version has taken over from goes when its last viewer has left."""
    workflow.set_current_details("published; waiting for the last sessions of the old version")
    await wait_for_sessions(previous)
    await workflow.execute_activity_method(
        LifecycleActivities.retire_version,
        StepInput(previous),
        **options.storage("remove the replaced version and destroy its keys"),
    )


async def wait_for_sessions(target: VersionRef) -> None:
    """Return when no session of the version is open. Asks again after each nap: sessions may have been renewed."""
    while True:
        answer = await workflow.execute_activity_method(
            LifecycleActivities.sessions_left,
            SessionsInput(target),
            **options.reading("look for open playback sessions"),
        )
        if answer.seconds_left <= 0:
            return
        await asyncio.sleep(min(answer.seconds_left, _LONGEST_NAP))
