"""Heartbeats: what keeps a stream's place, and what tells it to stop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from core.adapters.redis_leases import open_leases
from core.services.playback.token import PlaybackClaims, issue_token
from tests.fixtures.api_site import ApiSite, Tenant

pytestmark = pytest.mark.stack

ROUTE = "/api/playback/heartbeat"
GO_ON = {"action": "continue", "interval": 10, "reason": None}


def stop(reason: str) -> dict[str, Any]:
    return {"action": "stop", "interval": 10, "reason": reason}


async def beat(site: ApiSite, session: dict[str, str], **body: object) -> dict[str, Any]:
    answer = await send(site, session["token"], body)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store"), answer.text
    told: dict[str, Any] = answer.json()
    return told


async def send(site: ApiSite, token: str, body: object = None) -> httpx.Response:
    return await site.http.post(ROUTE, json=body, headers={"Authorization": f"Bearer {token}"})


async def look(site: ApiSite, tenant: Tenant, session: dict[str, str]) -> dict[str, Any]:
    answer = await site.http.get(f"/v1/playback-sessions/{session['session_id']}", headers=tenant.headers)
    seen: dict[str, Any] = answer.json()
    return seen


async def refused(site: ApiSite, tenant: Tenant, video_id: str, **body: object) -> tuple[int, str]:
    answer = await site.http.post(f"/v1/videos/{video_id}/playback-sessions", json=body, headers=tenant.headers)
    return answer.status_code, answer.json()["code"]


@pytest.fixture
async def away(site: ApiSite) -> AsyncIterator[ApiSite]:
    """The lease store does not answer."""
    nowhere = site.services.settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    async with open_leases(nowhere) as leases:
        site.app.state.services = replace(site.services, leases=leases)
        yield site


async def test_a_player_goes_on_and_its_position_is_kept(site: ApiSite) -> None:
    tenant = await site.tenant()
    session = await site.session(tenant, (await site.published(tenant)).target.video_id)
    assert (await look(site, tenant, session))["renewed_at"] is None
    assert await beat(site, session, position=3.5) == GO_ON
    first = await look(site, tenant, session)
    assert first["position"] == 3.5
    assert (await send(site, session["token"])).json() == GO_ON
    assert await look(site, tenant, session) == first


async def test_the_database_hears_of_it_once_a_minute(site: ApiSite) -> None:
    tenant = await site.tenant()
    session = await site.session(tenant, (await site.published(tenant)).target.video_id, viewer_id="v")
    positions = []
    for seconds in (0, 10, 50, 61, 70, 122):
        site.clock.ahead = timedelta(seconds=seconds)
        await beat(site, session, position=seconds)
        positions.append((await look(site, tenant, session))["position"])
    assert positions == [0, 0, 0, 61, 61, 122]


@pytest.mark.parametrize("body", [{"position": -1}, {"position": 1e9}, {"position": "x"}, {"other": 1}, [], 7])
async def test_what_is_no_heartbeat_is_refused(site: ApiSite, body: object) -> None:
    tenant = await site.tenant()
    session = await site.session(tenant, (await site.published(tenant)).target.video_id)
    answer = await send(site, session["token"], body)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")
    not_a_number = await site.http.post(
        ROUTE,
        content=b'{"position": NaN}',
        headers={"Authorization": f"Bearer {session['token']}", "Content-Type": "application/json"},
    )
    assert not_a_number.status_code == 422


async def test_a_token_for_a_session_that_never_was_proves_nothing(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    session = await site.session(tenant, target.video_id)
    expires = int((site.clock.now() + timedelta(hours=1)).timestamp())
    for claims in (
        PlaybackClaims(target, "0" * 32, expires),
        PlaybackClaims(replace(target, version=9), session["session_id"], expires),
        PlaybackClaims(replace(target, organisation_id="0" * 32), session["session_id"], expires),
    ):
        answer = await send(site, issue_token(site.services.signing_keys.token, claims))
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")


async def test_a_second_stream_over_the_limit_is_refused(site: ApiSite) -> None:
    tenant, stranger = await site.tenant(), await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    first = await site.session(tenant, video_id, viewer_id="v", max_streams=1)
    assert await refused(site, tenant, video_id, viewer_id="v", max_streams=1) == (403, "TOO_MANY_STREAMS")
    await site.session(tenant, video_id, viewer_id="w", max_streams=1)
    theirs = (await site.published(stranger)).target.video_id
    await site.session(stranger, theirs, viewer_id="v", max_streams=1)
    assert await beat(site, first) == GO_ON


async def test_a_newer_stream_takes_the_place_where_the_policy_says_so(site: ApiSite) -> None:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    limit = {"viewer_id": "v", "max_streams": 1, "when_full": "newest_wins"}
    first = await site.session(tenant, video_id, **limit)
    second = await site.session(tenant, video_id, **limit)
    assert await beat(site, first) == stop("TAKEN_OVER")
    assert await beat(site, second) == GO_ON


async def test_a_silent_stream_loses_its_place_to_another_and_only_then(site: ApiSite) -> None:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    first = await site.session(tenant, video_id, viewer_id="v", max_streams=1)
    site.clock.ahead = timedelta(seconds=600)
    assert await beat(site, first) == GO_ON
    site.clock.ahead = timedelta(seconds=629)
    assert await refused(site, tenant, video_id, viewer_id="v", max_streams=1) == (403, "TOO_MANY_STREAMS")
    site.clock.ahead = timedelta(seconds=631)
    second = await site.session(tenant, video_id, viewer_id="v", max_streams=1)
    assert await beat(site, first) == stop("TOO_MANY_STREAMS")
    assert await beat(site, second) == GO_ON


async def test_without_the_lease_store_only_limits_are_refused(away: ApiSite) -> None:
    tenant = await away.tenant()
    video_id = (await away.published(tenant)).target.video_id
    assert await refused(away, tenant, video_id, viewer_id="v", max_streams=1) == (503, "UNAVAILABLE")
    session = await away.session(tenant, video_id, viewer_id="v")
    records = []
    for seconds in (0, 10, 20):
        away.clock.ahead = timedelta(seconds=seconds)
        assert await beat(away, session) == GO_ON
        records.append(datetime.fromisoformat((await look(away, tenant, session))["renewed_at"]))
    # Each of them is recorded: nobody else remembers.
    assert sorted(set(records)) == records


async def test_streams_that_ran_while_the_store_was_away_are_counted_after(away: ApiSite) -> None:
    tenant = await away.tenant()
    video_id = (await away.published(tenant)).target.video_id
    session = await away.session(tenant, video_id, viewer_id="v")
    away.clock.ahead = timedelta(seconds=100)
    await beat(away, session)
    away.app.state.services = away.services
    assert await refused(away, tenant, video_id, viewer_id="v", max_streams=1) == (403, "TOO_MANY_STREAMS")
