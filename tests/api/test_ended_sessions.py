"""A session that is ended: licences, heartbeats and media stop; what waits for it goes on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from core.contracts.version_ref import VersionRef
from core.domain.errors import Forbidden
from core.services.playback.ended_sessions import EndedSessions
from core.services.playback.sessions_left import sessions_left
from tests.api.test_heartbeats import beat, look, refused, stop
from tests.api.test_licences import ask, audit
from tests.fixtures.api_site import ApiSite, SteppedClock, Tenant

pytestmark = pytest.mark.stack

PROMISED_SECONDS = 5


async def end(site: ApiSite, tenant: Tenant, session: dict[str, str]) -> int:
    answer = await site.http.delete(f"/v1/playback-sessions/{session['session_id']}", headers=tenant.headers)
    return answer.status_code


async def media(site: ApiSite, session: dict[str, str], method: str = "GET") -> int:
    return (await site.http.request(method, urlsplit(session["dash_url"]).path)).status_code


async def test_licences_and_heartbeats_stop_at_once_and_media_in_the_promised_time(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    ended = await site.session(tenant, published.target.video_id)
    other = await site.session(tenant, published.target.video_id)
    assert [await media(site, session) for session in (ended, other)] == [200, 200]
    assert await end(site, tenant, ended) == 204
    licence = await ask(site, ended["token"], published.kids)
    assert (licence.status_code, licence.json()["code"]) == (403, "SESSION_ENDED")
    assert await audit(site, ended["session_id"]) == []
    assert await beat(site, ended) == stop("ENDED")
    player = await site.http.get("/api/playback/session", headers={"Authorization": f"Bearer {ended['token']}"})
    assert (player.status_code, player.json()["code"]) == (403, "SESSION_ENDED")
    # The running API's own poll, in real time.
    async with asyncio.timeout(PROMISED_SECONDS):
        while await media(site, ended) == 200:
            pass
    refusal = await site.http.get(urlsplit(ended["dash_url"]).path)
    assert (refusal.status_code, refusal.json()["code"]) == (403, "SESSION_ENDED")
    assert await media(site, ended, "HEAD") == 403
    assert await media(site, other) == 200
    assert (await ask(site, other["token"], published.kids)).status_code == 200


async def test_ending_twice_keeps_the_first_ending(site: ApiSite) -> None:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    limit = {"viewer_id": "v", "max_streams": 1, "when_full": "newest_wins"}
    first, _ = await site.session(tenant, video_id, **limit), await site.session(tenant, video_id, **limit)
    before = await look(site, tenant, first)
    assert before["ended_reason"] == "TAKEN_OVER"
    assert await end(site, tenant, first) == 204
    assert await look(site, tenant, first) == before


async def test_a_stream_that_was_taken_over_gets_no_more_media(site: ApiSite) -> None:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    limit = {"viewer_id": "v", "max_streams": 1, "when_full": "newest_wins"}
    first, second = await site.session(tenant, video_id, **limit), await site.session(tenant, video_id, **limit)
    await site.services.ended_sessions.refresh()
    assert [await media(site, session) for session in (first, second)] == [403, 200]


async def test_whoever_waits_for_sessions_counts_ended_ones_as_left(site: ApiSite) -> None:
    tenant = await site.tenant()
    target = (await site.published(tenant)).target
    first, second = await site.session(tenant, target.video_id), await site.session(tenant, target.video_id)
    assert await end(site, tenant, first) == 204
    assert await left(site, target) > 600
    assert await end(site, tenant, second) == 204
    # An ending is dated by the database, whose clock goes on while the test's stands still.
    site.clock.ahead = timedelta(seconds=600)
    assert await left(site, target) == 0


async def left(site: ApiSite, target: VersionRef) -> float:
    async with site.services.uow() as uow:
        return await sessions_left(uow, target, site.clock.now())


async def test_an_expired_session_has_ended_by_itself(site: ApiSite) -> None:
    tenant = await site.tenant()
    session = await site.session(tenant, (await site.published(tenant)).target.video_id, ttl_seconds=60)
    site.clock.ahead = timedelta(seconds=61)
    assert await end(site, tenant, session) == 204
    assert (await look(site, tenant, session))["ended_at"] is None


async def test_all_of_a_viewers_sessions_can_be_ended(site: ApiSite) -> None:
    tenant, stranger = await site.tenant(), await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    who = "auth0|a/b?c=d&é"
    sessions = [await site.session(tenant, video_id, viewer_id=who) for _ in range(3)]
    other = await site.session(tenant, video_id, viewer_id="w")
    foreign = await site.http.delete("/v1/playback-sessions", params={"viewer_id": who}, headers=stranger.headers)
    assert foreign.json() == {"ended": 0}
    for ended in (3, 0):
        answer = await site.http.delete("/v1/playback-sessions", params={"viewer_id": who}, headers=tenant.headers)
        assert answer.json() == {"ended": ended}
    assert [(await look(site, tenant, session))["ended_reason"] for session in sessions] == ["ENDED"] * 3
    assert (await look(site, tenant, other))["ended_at"] is None


async def test_ending_frees_the_place(site: ApiSite) -> None:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    session = await site.session(tenant, video_id, viewer_id="v", max_streams=1)
    assert await refused(site, tenant, video_id, viewer_id="v", max_streams=1) == (403, "TOO_MANY_STREAMS")
    await end(site, tenant, session)
    await site.session(tenant, video_id, viewer_id="v", max_streams=1)


async def test_an_api_that_starts_knows_what_was_ended_before(site: ApiSite) -> None:
    tenant = await site.tenant()
    session = await site.session(tenant, (await site.published(tenant)).target.video_id)
    site.clock.ahead = timedelta(seconds=100)
    await end(site, tenant, session)
    site.clock.ahead = timedelta(seconds=1000)
    started = EndedSessions(site.services.uow, site.clock, timedelta(seconds=60))
    site.app.state.services = replace(site.services, ended_sessions=started)
    assert await media(site, session) == 503
    await started.refresh()
    assert await media(site, session) == 403


async def test_an_ending_is_seen_however_far_the_clocks_are_apart(site: ApiSite) -> None:
    tenant = await site.tenant()
    session = await site.session(tenant, (await site.published(tenant)).target.video_id)
    elsewhere = [
        EndedSessions(site.services.uow, SteppedClock(ahead=timedelta(minutes=minutes)), timedelta(seconds=60))
        for minutes in (-10, 10)
    ]
    for process in elsewhere:
        await process.refresh()
        process.check(session["session_id"])
    assert await end(site, tenant, session) == 204
    for process in elsewhere:
        await process.refresh()
        with pytest.raises(Forbidden):
            process.check(session["session_id"])


async def test_media_stop_when_nobody_can_say_any_more_who_has_ended(site: ApiSite) -> None:
    tenant = await site.tenant()
    session = await site.session(tenant, (await site.published(tenant)).target.video_id)
    seconds = 0.0
    ageing = EndedSessions(site.services.uow, site.clock, timedelta(seconds=60), lambda: seconds)
    site.app.state.services = replace(site.services, ended_sessions=ageing)
    await ageing.refresh()
    seconds = 60.0
    assert await media(site, session) == 200
    seconds = 60.1
    answer = await site.http.get(urlsplit(session["dash_url"]).path)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "UNAVAILABLE", "5")
    await ageing.refresh()
    assert await media(site, session) == 200


async def test_what_has_expired_is_forgotten(site: ApiSite) -> None:
    tenant = await site.tenant()
    session = await site.session(tenant, (await site.published(tenant)).target.video_id, ttl_seconds=60)
    await end(site, tenant, session)
    known = EndedSessions(site.services.uow, site.clock, timedelta(seconds=60))
    await known.refresh()
    assert session["session_id"] in known._expiries
    site.clock.ahead = timedelta(seconds=61)
    await known.refresh()
    assert session["session_id"] not in known._expiries


async def test_a_licence_goes_only_to_the_player_the_session_was_opened_for(site: ApiSite) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id, viewer_user_agent="Player/1")
    other = await ask(site, session["token"], published.kids, **{"User-Agent": "Player/2"})
    assert (other.status_code, other.json()["code"]) == (403, "USER_AGENT_CHANGED")
    assert await audit(site, session["session_id"]) == []
    assert (await ask(site, session["token"], published.kids, **{"User-Agent": "Player/1"})).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"viewer_ip": "127.0.0.1", "bind_ip": True}, 200),
        ({"viewer_ip": "192.0.2.1", "bind_ip": True}, 403),
        ({"bind_ip": True}, 403),
        ({"viewer_ip": "192.0.2.1"}, 200),
    ],
)
async def test_addresses_count_where_the_session_says_so(site: ApiSite, asked: dict[str, object], status: int) -> None:
    tenant = await site.tenant()
    published = await site.published(tenant)
    session = await site.session(tenant, published.target.video_id, **asked)
    answer = await ask(site, session["token"], published.kids)
    assert answer.status_code == status
    assert status == 200 or answer.json()["code"] == "IP_CHANGED"
