"""Giving a published video new keys, by the API."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from core.contracts.publish_video import FailureNote
from core.contracts.version_ref import VersionRef
from core.services.uploads.redrive_queued import redrive_queued
from core.services.videos.mark_failed import mark_failed
from core.services.videos.set_processing import set_processing
from tests.fixtures.api_site import ApiSite, Tenant
from tests.fixtures.published_video import publish, queue_version

pytestmark = pytest.mark.stack


async def ask(site: ApiSite, tenant: Tenant, target: VersionRef, **body: Any) -> httpx.Response:
    options = {"json": body} if body else {}
    return await site.http.post(f"/v1/videos/{target.video_id}/rekey", headers=tenant.headers, **options)


async def test_whoever_asks_while_it_runs_gets_the_same_version(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    new = replace(target, version=2)
    answers = await asyncio.gather(*(ask(site, tenant, target) for _ in range(4)))
    async with site.services.uow() as uow:
        await set_processing(uow, new)
        await uow.commit()
    answers.append(await ask(site, tenant, target, scheme="cbcs"))
    assert {(answer.status_code, answer.json()["version"]) for answer in answers} == {(202, 2)}
    assert answers[-1].json()["status"] == "processing"
    assert set(site.gateway.rekeyed) == {(new, target)}
    shown = (await site.http.get(f"/v1/videos/{target.video_id}", headers=tenant.headers)).json()
    assert shown["video"]["status"] == "ready"
    first, second = shown["versions"]
    assert (first["rekeyed_from"], second["rekeyed_from"]) == (None, 1)
    assert {name: second[name] for name in ("filename", "size", "scheme")} == {
        name: first[name] for name in ("filename", "size", "scheme")
    }


async def test_the_next_one_is_a_version_of_its_own(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    assert (await ask(site, tenant, target, scheme="cenc")).json()["version"] == 2
    second = replace(target, version=2)
    await publish(site.services.uow, site.services.storage, site.services.vault, second)
    assert (await ask(site, tenant, target)).json()["version"] == 3
    assert site.gateway.rekeyed[-1] == (replace(target, version=3), second)


async def test_its_progress_shows_its_own_steps(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    await ask(site, tenant, target)
    progress = (await site.http.get(f"/v1/videos/{target.video_id}/progress", headers=tenant.headers)).json()
    assert [step["step"] for step in progress["steps"]] == ["plan", "regain", "package", "verify", "publish"]
    assert (progress["version"], progress["status"], progress["fraction"]) == (2, "queued", 0.0)


async def test_another_scheme_cannot_join(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    await ask(site, tenant, target)
    assert (await ask(site, tenant, target, scheme="cenc")).status_code == 409
    assert (await ask(site, tenant, target, scheme="sample-aes")).status_code == 422
    assert (await ask(site, tenant, target, shceme="cenc")).status_code == 422


async def test_only_a_published_video_that_nothing_else_is_made_of(site: ApiSite) -> None:
    tenant, stranger = await site.tenant(), await site.tenant()
    target = (await site.published(tenant)).target
    foreign = await ask(site, stranger, target)
    unknown = await ask(site, tenant, replace(target, video_id="0" * 32))
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.json()["detail"] == unknown.json()["detail"]
    unfinished = await queue_version(site.services.uow, site.services.storage, tenant.organisation_id)
    assert (await ask(site, tenant, unfinished)).status_code == 409
    replacement = {"filename": "b.mp4", "size": 5}
    route = f"/v1/videos/{target.video_id}/replacement"
    assert (await site.http.post(route, json=replacement, headers=tenant.headers)).status_code == 201
    assert (await ask(site, tenant, target)).status_code == 409
    assert site.gateway.rekeyed == []


async def test_a_replacement_waits_for_the_re_keying(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    await ask(site, tenant, target)
    route = f"/v1/videos/{target.video_id}/replacement"
    answer = await site.http.post(route, json={"filename": "b.mp4", "size": 5}, headers=tenant.headers)
    assert answer.status_code == 409


async def test_asked_for_while_workflows_are_down_it_is_started_by_the_sweep(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    site.gateway.down = True
    assert (await ask(site, tenant, target)).json()["status"] == "queued"
    site.gateway.down = False
    await redrive_queued(site.services.uow, site.gateway, site.clock.now() + timedelta(minutes=1))
    assert (replace(target, version=2), target) in site.gateway.rekeyed
    assert replace(target, version=2) not in site.gateway.published


async def test_cancelling_makes_sure_that_somebody_cleans_up(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    site.gateway.down = True
    await ask(site, tenant, target)
    site.gateway.down = False
    answer = await site.http.post(f"/v1/videos/{target.video_id}/cancel", headers=tenant.headers)
    assert answer.status_code == 202
    new = replace(target, version=2)
    assert (site.gateway.rekeyed, site.gateway.cancelled) == ([(new, target)], [new])


async def test_after_a_failure_one_asks_again_instead_of_retrying(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    await ask(site, tenant, target)
    new = replace(target, version=2)
    async with site.services.uow() as uow:
        await set_processing(uow, new)
        await mark_failed(uow, FailureNote(new, "failed", "PROCESSING_FAILED", "out of luck"))
        await uow.commit()
    retried = await site.http.post(f"/v1/videos/{target.video_id}/retry", headers=tenant.headers)
    assert (retried.status_code, "ask for another" in retried.json()["detail"]) == (409, True)
    assert (await ask(site, tenant, target)).json()["version"] == 3
    assert site.gateway.rekeyed[-1] == (replace(target, version=3), target)
