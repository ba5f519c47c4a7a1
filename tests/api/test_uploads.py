"""Uploads as a remote client does them: parts go straight to the object store."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.upload_parts import MEBIBYTE
from core.domain.video import VideoState
from core.ports import ObjectNotFound
from core.services.uploads.abandon_uploads import abandon_uploads
from core.services.uploads.redrive_queued import redrive_queued
from tests.fixtures.api_site import ApiSite, Tenant

pytestmark = pytest.mark.stack


async def announce(site: ApiSite, tenant: Tenant, size: int, **more: Any) -> dict[str, Any]:
    answer = await site.http.post(
        "/v1/uploads", json={"filename": "clip.mp4", "size": size, **more}, headers=tenant.headers
    )
    assert answer.status_code == 201, answer.text
    started: dict[str, Any] = answer.json()
    return started


async def send_parts(site: ApiSite, tenant: Tenant, upload: dict[str, Any], content: bytes) -> None:
    numbers = list(range(1, upload["part_count"] + 1))
    answer = await site.http.post(
        f"/v1/uploads/{upload['video_id']}/parts", json={"parts": numbers}, headers=tenant.headers
    )
    assert answer.status_code == 200, answer.text
    async with httpx.AsyncClient() as store:
        for part in answer.json()["parts"]:
            begin = (part["number"] - 1) * upload["part_size"]
            piece = content[begin : begin + upload["part_size"]]
            assert len(piece) == part["size"]
            assert (await store.put(part["url"], content=piece)).status_code == 200


async def complete(site: ApiSite, tenant: Tenant, video_id: str) -> httpx.Response:
    return await site.http.post(f"/v1/uploads/{video_id}/complete", headers=tenant.headers)


async def test_a_file_in_two_parts_is_joined_and_its_publication_started(site: ApiSite) -> None:
    tenant = await site.tenant()
    content = bytes(8 * MEBIBYTE) + b"the end"
    upload = await announce(site, tenant, len(content), title="Two parts")
    assert (upload["part_count"], upload["part_size"], upload["version"]) == (2, 8 * MEBIBYTE, 1)
    await send_parts(site, tenant, upload, content)
    answer = await complete(site, tenant, upload["video_id"])
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    target = VersionRef(tenant.organisation_id, upload["video_id"], 1)
    assert site.gateway.published == [target]
    stored = await site.services.storage.get_bytes(object_keys.original(target))
    assert hashlib.sha256(stored).digest() == hashlib.sha256(content).digest()


async def test_completing_again_answers_the_same(site: ApiSite) -> None:
    tenant = await site.tenant()
    upload = await announce(site, tenant, 5)
    await send_parts(site, tenant, upload, b"12345")
    first, second = [await complete(site, tenant, upload["video_id"]) for _ in range(2)]
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert set(site.gateway.published) == {VersionRef(tenant.organisation_id, upload["video_id"], 1)}


async def test_completing_several_times_at_once_queues_one_whole_file(site: ApiSite) -> None:
    tenant = await site.tenant()
    upload = await announce(site, tenant, 5)
    await send_parts(site, tenant, upload, b"12345")
    answers = await asyncio.gather(*(complete(site, tenant, upload["video_id"]) for _ in range(4)))
    statuses = {answer.status_code for answer in answers}
    # The store may be busy with the first one; then the answer says to come back.
    assert 202 in statuses
    assert statuses <= {202, 503}
    assert (await complete(site, tenant, upload["video_id"])).status_code == 202
    target = VersionRef(tenant.organisation_id, upload["video_id"], 1)
    assert set(site.gateway.published) == {target}
    assert await site.services.storage.get_bytes(object_keys.original(target)) == b"12345"


async def test_an_empty_file_can_be_uploaded(site: ApiSite) -> None:
    tenant = await site.tenant()
    upload = await announce(site, tenant, 0)
    assert upload["part_count"] == 1
    await send_parts(site, tenant, upload, b"")
    assert (await complete(site, tenant, upload["video_id"])).status_code == 202
    found = await site.services.storage.stat(
        object_keys.original(VersionRef(tenant.organisation_id, upload["video_id"], 1))
    )
    assert found.size == 0


@pytest.mark.parametrize("sent", [b"", b"1234", b"123456"], ids=["nothing", "too short", "too long"])
async def test_a_part_of_another_size_is_refused_and_can_be_sent_again(site: ApiSite, sent: bytes) -> None:
    tenant = await site.tenant()
    upload = await announce(site, tenant, 5)
    parts = (
        await site.http.post(f"/v1/uploads/{upload['video_id']}/parts", json={"parts": [1]}, headers=tenant.headers)
    ).json()["parts"]
    async with httpx.AsyncClient() as store:
        assert (await store.put(parts[0]["url"], content=sent)).status_code == 200
    refused = await complete(site, tenant, upload["video_id"])
    assert (refused.status_code, refused.json()["code"]) == (409, "PARTS_MISSING")
    assert site.gateway.published == []
    await send_parts(site, tenant, upload, b"12345")
    assert (await complete(site, tenant, upload["video_id"])).status_code == 202


async def test_an_url_is_good_for_its_own_part_only(site: ApiSite) -> None:
    tenant = await site.tenant()
    upload = await announce(site, tenant, 5)
    answer = await site.http.post(
        f"/v1/uploads/{upload['video_id']}/parts", json={"parts": [1]}, headers=tenant.headers
    )
    url = answer.json()["parts"][0]["url"]
    async with httpx.AsyncClient() as store:
        for forged in (url.replace("partNumber=1", "partNumber=2"), url.replace("original", "interim/plan.json")):
            assert forged != url
            assert (await store.put(forged, content=b"12345")).status_code == 403


async def test_a_file_above_the_limit_is_refused(site: ApiSite) -> None:
    tenant = await site.tenant()
    body = {"filename": "big.mov", "size": site.services.settings.max_source_bytes + 1}
    answer = await site.http.post("/v1/uploads", json=body, headers=tenant.headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "FILE_TOO_LARGE")


@pytest.mark.parametrize(
    "wrong",
    [
        {"size": -1},
        {"size": 2**70},
        {"size": True},
        {"size": "5"},
        {"filename": ""},
        {"filename": "a\0b"},
        {"title": "x" * 501},
        {"content_type": "text/html\r\nX-Evil: 1"},
        {"sha256": "ABC"},
        {"status": "ready"},
        {"organisation_id": "0" * 32},
    ],
    ids=str,
)
async def test_bodies_that_make_no_sense_are_refused(site: ApiSite, wrong: dict[str, Any]) -> None:
    tenant = await site.tenant()
    answer = await site.http.post(
        "/v1/uploads", json={"filename": "clip.mp4", "size": 1} | wrong, headers=tenant.headers
    )
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["fields"]


async def test_parts_that_the_file_does_not_have_are_refused(site: ApiSite) -> None:
    tenant = await site.tenant()
    upload = await announce(site, tenant, 5)
    answer = await site.http.post(
        f"/v1/uploads/{upload['video_id']}/parts", json={"parts": [1, 2]}, headers=tenant.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")


async def test_an_aborted_upload_leaves_nothing_and_cannot_be_completed(site: ApiSite) -> None:
    tenant = await site.tenant()
    upload = await announce(site, tenant, 5)
    await send_parts(site, tenant, upload, b"12345")
    for _ in range(2):
        answer = await site.http.delete(f"/v1/uploads/{upload['video_id']}", headers=tenant.headers)
        assert answer.status_code == 204
    assert (await complete(site, tenant, upload["video_id"])).status_code == 409
    target = VersionRef(tenant.organisation_id, upload["video_id"], 1)
    with pytest.raises(ObjectNotFound):
        await site.services.storage.stat(object_keys.original(target))
    assert await site.services.storage.delete_prefix(object_keys.version_prefix(target)) == 0


async def test_an_upload_completed_while_workflows_are_down_is_started_by_the_sweep(site: ApiSite) -> None:
    tenant = await site.tenant()
    upload = await announce(site, tenant, 5)
    await send_parts(site, tenant, upload, b"12345")
    site.gateway.down = True
    answer = await complete(site, tenant, upload["video_id"])
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    site.gateway.down = False
    target = VersionRef(tenant.organisation_id, upload["video_id"], 1)
    now = datetime.now(UTC)
    await redrive_queued(site.services.uow, site.gateway, now)
    assert target not in site.gateway.published, "the request that queued it may still be starting it"
    assert await redrive_queued(site.services.uow, site.gateway, now + timedelta(minutes=1)) >= 1
    assert target in site.gateway.published


async def test_a_replacement_is_the_next_version_and_names_the_one_it_replaces(site: ApiSite) -> None:
    tenant = await site.tenant()
    first = (await site.published(tenant)).target
    body = {"filename": "better.mp4", "size": 3}
    route = f"/v1/videos/{first.video_id}/replacement"
    upload = await site.http.post(route, json=body, headers=tenant.headers)
    assert (upload.status_code, upload.json()["version"]) == (201, 2)
    assert (await site.http.post(route, json=body, headers=tenant.headers)).status_code == 409
    await send_parts(site, tenant, upload.json(), b"123")
    assert (await complete(site, tenant, first.video_id)).status_code == 202
    second = VersionRef(first.organisation_id, first.video_id, 2)
    assert site.gateway.replaced == [(second, first)]
    shown = (await site.http.get(f"/v1/videos/{first.video_id}", headers=tenant.headers)).json()
    assert (shown["video"]["status"], shown["video"]["current_version"]) == (VideoState.READY, 1)


async def test_a_video_that_is_not_ready_cannot_be_replaced(site: ApiSite) -> None:
    tenant = await site.tenant()
    upload = await announce(site, tenant, 5)
    answer = await site.http.post(
        f"/v1/videos/{upload['video_id']}/replacement",
        json={"filename": "x", "size": 1},
        headers=tenant.headers,
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")


async def test_an_upload_nobody_completes_is_given_up_after_a_week(site: ApiSite) -> None:
    tenant = await site.tenant()
    upload = await announce(site, tenant, 5)
    await send_parts(site, tenant, upload, b"12345")
    now = datetime.now(UTC)
    await abandon_uploads(site.services.uow, site.services.storage, now)
    status = f"/v1/videos/{upload['video_id']}"
    assert (await site.http.get(status, headers=tenant.headers)).json()["video"]["status"] == "pre_upload"
    assert await abandon_uploads(site.services.uow, site.services.storage, now + timedelta(days=8)) >= 1
    assert (await site.http.get(status, headers=tenant.headers)).json()["video"]["status"] == "cancelled"
    assert (await complete(site, tenant, upload["video_id"])).status_code == 409
