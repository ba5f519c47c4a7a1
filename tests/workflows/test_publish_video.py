"""PublishVideo on a real Temporal server, with scripted activities."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError

from core.contracts.publish_video import PublishVideoInput
from core.contracts.version_ref import VersionRef
from core.domain.errors import Conflict
from core.domain.failures import FailureCode, VideoRejected
from core.ports import StorageUnavailable
from tests.fixtures.scripted_activities import PLAN, Behaviour, ScriptedActivities
from tests.workflows.conftest import Workers
from tests.workflows.publishing_steps import STEPS, start
from workflows.publish_video import PublishVideo


async def test_good_source_goes_through_every_step_in_order(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    async with workers(script):
        result = await (await start(client, target)).result()
    assert result.state == "ready"
    assert result.renditions == PLAN.renditions
    names = script.names()
    assert names[:5] == ["begin_publish", "confirm_upload", "inspect_source", "plan_video", "index_source"]
    assert sorted(names[5:11]) == sorted(["transcode_audio", "extract_subtitle", *["transcode_chunk"] * 4])
    assert names[11:] == [
        "assemble",
        "make_storyboard",
        "issue_keys",
        "package",
        "verify",
        "publish_version",
        "remove_work",
    ]


async def test_chunks_are_scheduled_longest_first(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()
    handle = None
    async with workers(script):
        handle = await start(client, target)
        await handle.result()
    history = await handle.fetch_history()
    scheduled = [
        event.activity_task_scheduled_event_attributes
        for event in history.events
        if event.HasField("activity_task_scheduled_event_attributes")
    ]
    chunks = [item for item in scheduled if item.activity_type.name == "transcode_chunk"]
    order = [int(item.input.payloads[0].data.split(b'"index":')[1].strip(b" }")) for item in chunks]
    assert order == list(PLAN.chunk_order)


async def test_window_bounds_units_in_flight(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()
    flying, most = 0, 0

    def counted(name: str) -> Behaviour:
        async def count(_: Any) -> Any:
            nonlocal flying, most
            flying += 1
            most = max(most, flying)
            await asyncio.sleep(0.05)
            flying -= 1
            return script.results[name]

        return count

    for name in ("transcode_chunk", "transcode_audio", "extract_subtitle"):
        script.behaviours[name] = counted(name)
    async with workers(script):
        await client.execute_workflow(
            PublishVideo.run, PublishVideoInput(target, window=2), id=target.video_id, task_queue="orchestration"
        )
    assert most == 2


@pytest.mark.parametrize("step", STEPS[1:-1])
async def test_permanent_failure_in_a_step_leaves_nothing_and_names_its_code(
    client: Client, workers: Workers, target: VersionRef, step: str
) -> None:
    script = ScriptedActivities()

    async def reject(_: Any) -> None:
        raise VideoRejected(FailureCode.CORRUPT, "half of it is noise")

    script.behaviours[step] = reject
    async with workers(script):
        handle = await start(client, target)
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "CORRUPT"
    assert script.names()[-2:] == ["discard_version", "note_failure"]
    discard, note = (message for _, message in script.calls[-2:])
    assert not discard.keep_original
    assert (note.state, note.code, note.detail) == ("failed", "CORRUPT", "half of it is noise")


async def test_failing_chunk_stops_its_siblings_before_anything_is_deleted(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    audio_started = script.block("transcode_audio")

    async def reject(_: Any) -> None:
        await audio_started.wait()
        raise VideoRejected(FailureCode.CORRUPT, "noise")

    script.behaviours["transcode_chunk"] = reject
    async with workers(script):
        with pytest.raises(WorkflowFailureError):
            await (await start(client, target)).result()
    assert "transcode_audio" in script.cancelled
    assert script.names()[-2:] == ["discard_version", "note_failure"]


async def test_transient_failure_is_retried_until_it_works(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    attempts = 0

    async def unavailable_twice(_: Any) -> Any:
        nonlocal attempts
        attempts += 1
        if attempts < 3:
            raise StorageUnavailable("503")
        return script.results["plan_video"]

    script.behaviours["plan_video"] = unavailable_twice
    async with workers(script):
        assert (await (await start(client, target)).result()).state == "ready"
    assert attempts == 3


async def test_our_own_failure_keeps_the_original(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()

    async def broken(_: Any) -> None:
        raise ApplicationError("packager exploded", type="PROCESSING_FAILED", non_retryable=True)

    script.behaviours["package"] = broken
    async with workers(script):
        with pytest.raises(WorkflowFailureError):
            await (await start(client, target)).result()
    discard, note = (message for _, message in script.calls[-2:])
    assert discard.keep_original
    assert note.code == "PROCESSING_FAILED"


async def test_version_that_cannot_be_taken_up_is_not_touched(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()

    async def refuse(_: Any) -> None:
        raise Conflict("already published")

    script.behaviours["begin_publish"] = refuse
    async with workers(script):
        with pytest.raises(WorkflowFailureError):
            await (await start(client, target)).result()
    assert script.names() == ["begin_publish"]


async def test_duplicate_start_joins_the_running_one(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()
    async with workers(script):
        first, second = await start(client, target), await start(client, target)
        await asyncio.gather(first.result(), second.result())
        await start(client, target)  # after success: left alone
    assert script.names().count("begin_publish") == 1


async def test_worker_that_dies_is_replaced_and_history_goes_on(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    """The second worker has no memory of the run: it replays the history and continues."""
    script = ScriptedActivities()
    started = script.block("assemble")
    async with workers(script):
        handle = await start(client, target)
        await asyncio.wait_for(started.wait(), 20)
    successor = ScriptedActivities()
    async with workers(successor):
        assert (await handle.result()).state == "ready"
    assert "plan_video" not in successor.names()
    assert successor.names()[0] == "assemble"


async def test_audio_only_source_skips_video_steps(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()
    script.results["plan_video"] = type(PLAN)(
        duration=10.0,
        chunks=0,
        chunk_order=(),
        chunk_seconds=0.0,
        audio=("audio-0-en",),
        subtitles=(),
        renditions=(),
        storyboard=False,
        index_source=False,
    )
    async with workers(script):
        assert (await (await start(client, target)).result()).state == "ready"
    assert {"assemble", "make_storyboard", "transcode_chunk", "index_source"}.isdisjoint(script.names())


async def test_progress_query_tells_stage_and_chunks(client: Client, workers: Workers, target: VersionRef) -> None:
    script = ScriptedActivities()
    started = script.block("assemble")
    async with workers(script):
        handle = await start(client, target)
        await asyncio.wait_for(started.wait(), 20)
        view = await handle.query(PublishVideo.progress)
        assert (view.stage, view.chunks_done, view.chunks) == ("assemble", 4, 4)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError):
            await handle.result()


async def test_published_version_survives_a_failing_clean_up(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()

    async def fail(_: Any) -> None:
        raise ApplicationError("no way to delete", non_retryable=True)

    script.behaviours["remove_work"] = fail
    async with workers(script):
        assert (await (await start(client, target)).result()).state == "ready"
    assert "discard_version" not in script.names()
