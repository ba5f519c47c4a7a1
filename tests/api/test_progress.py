"""Progress as JSON and as server-sent events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sse_starlette import ServerSentEvent

from api import progress_events
from core.contracts.publish_video import FailureNote
from core.contracts.version_ref import VersionRef
from core.domain.progress import Step, StepProgress, StepState
from core.services.progress.read_progress import read_progress
from core.services.progress.write_progress import write_progress
from core.services.videos.mark_failed import mark_failed
from core.services.videos.record_plan import record_plan
from core.services.videos.set_processing import set_processing
from tests.fixtures.api_site import ApiSite
from tests.fixtures.published_video import PLAN, queue_version

pytestmark = pytest.mark.stack


async def write(site: ApiSite, target: VersionRef, item: str, state: StepState, reading: StepProgress) -> None:
    async with site.services.uow() as uow:
        await write_progress(uow, target, Step.TRANSCODE, item, state, reading)
        await uow.commit()


async def processing(site: ApiSite, organisation_id: str) -> VersionRef:
    target = await queue_version(site.services.uow, site.services.storage, organisation_id)
    async with site.services.uow() as uow:
        await set_processing(uow, target)
        await record_plan(uow, target, PLAN)
        await uow.commit()
    return target


def events(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


async def test_a_step_is_as_far_as_its_announced_pieces_together(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = await processing(site, tenant.organisation_id)
    await write(site, target, "chunk-00000", StepState.RUNNING, StepProgress(0.5, fps=48.0, speed=2.0, note="360p"))
    await write(site, target, "chunk-00001", StepState.RUNNING, StepProgress(0.0, fps=24.0, speed=1.0))
    route = f"/v1/videos/{target.video_id}/progress"
    shown = (await site.http.get(route, headers=tenant.headers)).json()
    step = next(step for step in shown["steps"] if step["step"] == "transcode")
    assert (step["state"], step["fps"], step["speed"], step["items"]) == ("running", 72.0, 3.0, 4)
    # 5 of the 12.5 seconds are done, and hardly anything else weighs.
    assert 0.35 < step["fraction"] < 0.45
    assert (shown["status"], shown["final"]) == ("processing", False)
    assert shown["fraction"] == pytest.approx(0.85 * step["fraction"])


async def test_a_retried_piece_starts_again_and_keeps_its_first_start(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = await processing(site, tenant.organisation_id)
    for fraction in (0.9, 0.1):
        await write(site, target, "chunk-00000", StepState.RUNNING, StepProgress(fraction))
    async with site.services.uow() as uow:
        rows = {row.item: row for row in await uow.progress.of_version(target)}
    assert rows["chunk-00000"].fraction == pytest.approx(0.1)
    assert rows["chunk-00000"].started_at is not None
    assert rows["chunk-00000"].started_at < rows["chunk-00000"].updated_at
    assert rows["chunk-00001"].state is StepState.WAITING


async def test_the_stream_tells_each_change_and_ends_with_the_final_event(
    site: ApiSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_events, "POLL_SECONDS", 0.01)
    tenant = await site.tenant()
    target = await processing(site, tenant.organisation_id)
    async with site.services.uow() as uow:
        first = await read_progress(uow, target.organisation_id, target.video_id, site.clock.now())
    stream = progress_events.progress_events(site.services, target.organisation_id, target.video_id, first)
    told = [told_by(await anext(stream))]
    for fraction in (0.25, 0.5):
        await write(site, target, "chunk-00000", StepState.RUNNING, StepProgress(fraction))
        told.append(told_by(await anext(stream)))
    async with site.services.uow() as uow:
        await mark_failed(uow, FailureNote(target, "failed", "CORRUPT"))
        await uow.commit()
    told += [told_by(event) async for event in stream]
    assert [name for name, _ in told] == ["progress", "progress", "progress", "final"]
    fractions = [event["fraction"] for _, event in told]
    assert fractions == sorted(fractions)
    assert len(set(fractions[:3])) == 3
    assert told[-1][1]["failure"]["code"] == "CORRUPT"
    assert told[-1][1]["final"] is True


def told_by(event: ServerSentEvent) -> tuple[str, dict[str, Any]]:
    return events(event.encode().decode())[0]


async def test_the_stream_of_a_finished_video_is_one_final_event(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    # A client that reconnects says where it was; the newest reading is all it needs.
    headers = tenant.headers | {"Last-Event-ID": "99999999999999999999"}
    answer = await site.http.get(f"/v1/videos/{target.video_id}/progress/events", headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [(name, event["fraction"]) for name, event in events(answer.text)] == [("final", 1.0)]
