"""Listing, looking at, cancelling and deleting videos."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.contracts.publish_video import FailureNote
from core.contracts.video_lifecycle import DeleteVideoInput
from core.domain.failures import SENTENCES, FailureCode
from core.services.videos.mark_deleted import mark_deleted
from core.services.videos.mark_failed import mark_failed
from core.services.videos.redrive_deletions import redrive_deletions
from core.services.videos.set_processing import set_processing
from tests.fixtures.api_site import ApiSite
from tests.fixtures.published_video import queue_version

pytestmark = pytest.mark.stack


async def test_a_published_video_shows_its_tracks_and_versions(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    shown = (await site.http.get(f"/v1/videos/{target.video_id}", headers=tenant.headers)).json()
    assert (shown["video"]["status"], shown["video"]["duration"]) == ("ready", 12)
    # The subtitle of the plan has no object: it turned out empty and was not packaged.
    assert [(track["kind"], track["name"], track["size"]) for track in shown["tracks"]] == [
        ("video", "360p", 1024),
        ("audio", "audio-0-eng", 10),
    ]
    assert [version["status"] for version in shown["versions"]] == ["ready"]
    assert not {"upload_id", "organisation_id", "source_key", "plan"} & set(shown["versions"][0])


async def test_a_failed_video_tells_its_owner_why_but_not_the_operators_detail(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = await queue_version(site.services.uow, site.services.storage, tenant.organisation_id)
    async with site.services.uow() as uow:
        await set_processing(uow, target)
        await mark_failed(uow, FailureNote(target, "failed", "NOT_A_VIDEO", "ffprobe on host-7 said: moov"))
        await uow.commit()
    answer = await site.http.get(f"/v1/videos/{target.video_id}", headers=tenant.headers)
    failure = {"code": "NOT_A_VIDEO", "sentence": SENTENCES[FailureCode.NOT_A_VIDEO]}
    assert answer.json()["video"]["failure"] == failure
    assert "host-7" not in answer.text


async def test_pages_hold_every_video_once_while_new_ones_arrive(site: ApiSite) -> None:
    tenant = await site.tenant()

    async def add() -> str:
        return (await queue_version(site.services.uow, site.services.storage, tenant.organisation_id)).video_id

    made = [await add() for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await site.http.get("/v1/videos", params=params, headers=tenant.headers)).json()
        seen += [video["id"] for video in page["videos"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        await add()
    assert seen == made[::-1]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=101", "limit=x", "cursor=%00", "cursor=AAAA", "cursor=" + "_" * 32]
)
async def test_a_page_that_cannot_be_is_refused(site: ApiSite, query: str) -> None:
    tenant = await site.tenant()
    assert (await site.http.get(f"/v1/videos?{query}", headers=tenant.headers)).status_code == 422


async def test_deleting_stops_new_sessions_and_starts_the_workflow(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    route = f"/v1/videos/{target.video_id}"
    for _ in range(2):
        answer = await site.http.delete(route, headers=tenant.headers)
        assert (answer.status_code, answer.json()["status"]) == (202, "deleting")
    message = DeleteVideoInput(target.organisation_id, target.video_id, (1,))
    assert set(site.gateway.deleted) == {message}
    opened = await site.http.post(f"{route}/playback-sessions", headers=tenant.headers)
    assert opened.status_code == 404
    async with site.services.uow() as uow:
        await mark_deleted(uow, target.organisation_id, target.video_id)
        await uow.commit()
    assert (await site.http.get(route, headers=tenant.headers)).status_code == 404
    assert (await site.http.delete(route, headers=tenant.headers)).status_code == 404
    assert (await site.http.get("/v1/videos", headers=tenant.headers)).json()["videos"] == []


async def test_a_deletion_asked_for_while_workflows_are_down_is_started_by_the_sweep(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    site.gateway.down = True
    assert (await site.http.delete(f"/v1/videos/{target.video_id}", headers=tenant.headers)).status_code == 202
    site.gateway.down = False
    await redrive_deletions(site.services.uow, site.gateway, site.clock.now() + timedelta(minutes=1))
    assert DeleteVideoInput(target.organisation_id, target.video_id, (1,)) in site.gateway.deleted


async def test_cancelling_a_queued_version_makes_sure_that_somebody_cleans_up(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = await queue_version(site.services.uow, site.services.storage, tenant.organisation_id)
    answer = await site.http.post(f"/v1/videos/{target.video_id}/cancel", headers=tenant.headers)
    assert answer.status_code == 202
    assert (site.gateway.published, site.gateway.cancelled) == ([target], [target])


async def test_cancelling_while_workflows_are_down_says_so(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = await queue_version(site.services.uow, site.services.storage, tenant.organisation_id)
    site.gateway.down = True
    answer = await site.http.post(f"/v1/videos/{target.video_id}/cancel", headers=tenant.headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


async def test_cancelling_before_the_upload_is_complete_ends_it_at_once(site: ApiSite) -> None:
    tenant = await site.tenant()
    body = {"filename": "x.mp4", "size": 5}
    video_id = (await site.http.post("/v1/uploads", json=body, headers=tenant.headers)).json()["video_id"]
    answer = await site.http.post(f"/v1/videos/{video_id}/cancel", headers=tenant.headers)
    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
    assert answer.json()["failure"]["code"] == "CANCELLED"


async def test_a_published_video_cannot_be_cancelled(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    answer = await site.http.post(f"/v1/videos/{target.video_id}/cancel", headers=tenant.headers)
    assert (answer.status_code, site.gateway.cancelled) == (409, [])


@pytest.mark.parametrize(
    ("code", "status", "after"), [("PROCESSING_FAILED", 202, "queued"), ("CORRUPT", 409, "failed")]
)
async def test_only_a_failure_of_ours_can_be_tried_again(site: ApiSite, code: str, status: int, after: str) -> None:
    tenant = await site.tenant()
    target = await queue_version(site.services.uow, site.services.storage, tenant.organisation_id)
    async with site.services.uow() as uow:
        await set_processing(uow, target)
        await mark_failed(uow, FailureNote(target, "failed", code, ""))
        await uow.commit()
    for _ in range(2):  # a repeat changes nothing
        answer = await site.http.post(f"/v1/videos/{target.video_id}/retry", headers=tenant.headers)
        assert answer.status_code == status
    shown = (await site.http.get(f"/v1/videos/{target.video_id}", headers=tenant.headers)).json()["video"]
    assert shown["status"] == after
    assert (shown["failure"] is None) == (after == "queued")
    assert (target in site.gateway.published) == (after == "queued")
