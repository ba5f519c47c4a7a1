"""Requests that are sent again with the same idempotency key."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from core.services.idempotency.forget_requests import forget_requests
from core.services.idempotency.once import IdempotentRequests
from tests.fixtures.api_site import ApiSite, Tenant

pytestmark = pytest.mark.stack

UPLOAD = {"filename": "film.mp4", "size": 1000, "title": "The film"}


async def upload(site: ApiSite, tenant: Tenant, key: str, **other: Any) -> httpx.Response:
    headers = {**tenant.headers, "Idempotency-Key": key}
    return await site.http.post("/v1/uploads", json={**UPLOAD, **other}, headers=headers)


async def videos(site: ApiSite, tenant: Tenant) -> int:
    return len((await site.http.get("/v1/videos", headers=tenant.headers)).json()["videos"])


async def test_the_same_request_gets_the_same_answer_and_is_done_once(site: ApiSite) -> None:
    tenant, key = await site.tenant(), uuid4().hex
    first, again = await upload(site, tenant, key), await upload(site, tenant, f'"{key}"')
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert await videos(site, tenant) == 1
    assert (await upload(site, tenant, uuid4().hex)).json() != first.json()


async def test_of_many_at_once_one_is_done(site: ApiSite) -> None:
    tenant, key = await site.tenant(), uuid4().hex
    answers = await asyncio.gather(*(upload(site, tenant, key) for _ in range(20)))
    done = [answer.json()["video_id"] for answer in answers if answer.status_code == 201]
    waiting = [answer.json()["code"] for answer in answers if answer.status_code != 201]
    assert len(set(done)) == 1
    assert set(waiting) <= {"IDEMPOTENCY_IN_FLIGHT"}
    assert len(done) + len(waiting) == 20
    assert await videos(site, tenant) == 1


async def test_another_request_under_the_same_key_is_refused(site: ApiSite) -> None:
    tenant, key = await site.tenant(), uuid4().hex
    await upload(site, tenant, key)
    other = await upload(site, tenant, key, title="Another film")
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert await videos(site, tenant) == 1


async def test_keys_of_other_organisations_are_other_keys(site: ApiSite) -> None:
    key = uuid4().hex
    one, two = await site.tenant(), await site.tenant()
    first, second = await upload(site, one, key), await upload(site, two, key)
    assert first.json()["video_id"] != second.json()["video_id"]
    assert "idempotent-replayed" not in second.headers


async def test_what_was_refused_may_be_sent_again(site: ApiSite) -> None:
    tenant, key = await site.tenant(), uuid4().hex
    assert (await upload(site, tenant, key, size=-1)).status_code == 422
    assert (await upload(site, tenant, key)).status_code == 201


async def test_a_request_that_runs_is_waited_for_and_one_whose_process_died_is_not(site: ApiSite) -> None:
    tenant, key = await site.tenant(), uuid4().hex
    await upload(site, tenant, key)
    async with site.services.uow() as uow:
        # As a process leaves it that was killed before it answered.
        await uow._session.execute(text("UPDATE idempotent_requests SET answer = NULL WHERE key = :key"), {"key": key})
        await uow.commit()
    running = await upload(site, tenant, key)
    assert (running.status_code, running.json()["code"]) == (409, "IDEMPOTENCY_IN_FLIGHT")
    site.clock.ahead = timedelta(minutes=3)
    assert (await upload(site, tenant, key, title="Another film")).json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert (await upload(site, tenant, key)).status_code == 201


async def test_keys_are_free_again_after_a_day(site: ApiSite) -> None:
    tenant, key = await site.tenant(), uuid4().hex
    first = await upload(site, tenant, key)
    await forget_requests(site.services.uow, site.clock.now() + timedelta(hours=23))
    assert (await upload(site, tenant, key)).json() == first.json()
    site.clock.ahead = timedelta(hours=25)
    assert (await upload(site, tenant, key)).json() != first.json()
    assert await forget_requests(site.services.uow, site.clock.now() + timedelta(hours=25)) >= 1


async def test_answers_with_tokens_are_sealed_and_opened_only_by_this_service(site: ApiSite) -> None:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    headers = {**tenant.headers, "Idempotency-Key": "one-session"}
    route = f"/v1/videos/{video_id}/playback-sessions"
    first = await site.http.post(route, json={}, headers=headers)
    again = await site.http.post(route, json={}, headers=headers)
    assert again.json() == first.json()
    assert again.headers["cache-control"] == "no-store"
    async with site.services.uow() as uow:
        stored = await uow.idempotency.get(tenant.organisation_id, "one-session")
    assert stored is not None
    assert stored.answer is not None
    assert first.json()["token"].encode() not in stored.answer
    elsewhere = IdempotentRequests(site.services.uow, b"k" * 32)
    with pytest.raises(Exception, match="can no longer be read") as refused:
        await elsewhere.begin(tenant.organisation_id, "one-session", stored.request_hash, site.clock.now())
    assert refused.value.code == "IDEMPOTENCY_ANSWER_LOST"  # type: ignore[attr-defined]


@pytest.mark.parametrize("key", ["", '""', "a" * 256, "a b", 'a"b', "\x7f"])
async def test_a_malformed_key_is_refused(site: ApiSite, key: str) -> None:
    answer = await upload(site, await site.tenant(), key)
    assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_INVALID")


async def test_without_a_credential_a_key_says_nothing(site: ApiSite) -> None:
    answer = await site.http.post("/v1/uploads", json=UPLOAD, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 401
