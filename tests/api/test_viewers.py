"""Viewers' sessions and devices, as their customer's backend looks after them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.api.test_heartbeats import beat, refused, stop
from tests.fixtures.api_site import ApiSite, Tenant

pytestmark = pytest.mark.stack

DEVICES = "/v1/viewer-devices"
SESSIONS = "/v1/playback-sessions"


async def devices(site: ApiSite, tenant: Tenant, viewer_id: str = "v") -> dict[str, dict[str, Any]]:
    answer = await site.http.get(DEVICES, params={"viewer_id": viewer_id}, headers=tenant.headers)
    return {device["device_id"]: device for device in answer.json()["devices"]}


async def test_devices_up_to_the_limit_and_no_more(site: ApiSite) -> None:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    asked = {"viewer_id": "v", "max_devices": 2}
    for device in ("tv", "phone", "tv"):
        await site.session(tenant, video_id, device_id=device, **asked)
    assert await refused(site, tenant, video_id, device_id="laptop", **asked) == (403, "DEVICE_LIMIT")
    assert set(await devices(site, tenant)) == {"tv", "phone"}
    await site.session(tenant, video_id, device_id="laptop", viewer_id="w", max_devices=2)
    without = await refused(site, tenant, video_id, **asked)
    assert without == (422, "INVALID_INPUT")


async def test_a_blocked_device_is_shut_out_at_once_and_makes_room(site: ApiSite) -> None:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    asked = {"viewer_id": "v", "max_devices": 1}
    session = await site.session(tenant, video_id, device_id="tv", **asked)
    row = (await devices(site, tenant))["tv"]
    assert row["blocked_at"] is None
    answers = [await site.http.post(f"{DEVICES}/{row['id']}/block", headers=tenant.headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["blocked_at"]
    assert await beat(site, session) == stop("DEVICE_BLOCKED")
    assert await refused(site, tenant, video_id, device_id="tv", **asked) == (403, "DEVICE_BLOCKED")
    assert await refused(site, tenant, video_id, device_id="tv", viewer_id="v") == (403, "DEVICE_BLOCKED")
    site.clock.ahead = timedelta(seconds=1)
    await site.session(tenant, video_id, device_id="phone", **asked)
    free = await site.http.delete(f"{DEVICES}/{row['id']}/block", headers=tenant.headers)
    assert free.json()["blocked_at"] is None
    await site.session(tenant, video_id, device_id="tv", **asked)


async def test_a_reset_makes_room_ends_sessions_and_keeps_blocks(site: ApiSite) -> None:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    sessions = {
        device: await site.session(tenant, video_id, device_id=device, viewer_id="v")
        for device in ("bad", "tv", "phone")
    }
    unnamed = await site.session(tenant, video_id, viewer_id="v")
    bad = (await devices(site, tenant))["bad"]["id"]
    await site.http.post(f"{DEVICES}/{bad}/block", headers=tenant.headers)
    answer = await site.http.delete(DEVICES, params={"viewer_id": "v"}, headers=tenant.headers)
    assert answer.json() == {"forgotten": 2}
    assert set(await devices(site, tenant)) == {"bad"}
    assert await beat(site, sessions["tv"]) == stop("DEVICE_RESET")
    assert (await beat(site, unnamed))["action"] == "continue"
    assert await refused(site, tenant, video_id, device_id="bad", viewer_id="v") == (403, "DEVICE_BLOCKED")
    await site.session(tenant, video_id, device_id="laptop", viewer_id="v", max_devices=1)


@pytest.mark.parametrize(("route", "field", "key"), [(SESSIONS, "sessions", "session_id"), (DEVICES, "devices", "id")])
async def test_pages_show_each_row_once_newest_first(site: ApiSite, route: str, field: str, key: str) -> None:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    for number in range(5):
        site.clock.ahead = timedelta(seconds=number)
        await site.session(tenant, video_id, viewer_id="v", device_id=str(number))
    await site.session(tenant, video_id, viewer_id="w", device_id="0")
    seen: list[dict[str, Any]] = []
    cursor: str | None = None
    while cursor or not seen:
        params = {"viewer_id": "v", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await site.http.get(route, params=params, headers=tenant.headers)).json()
        seen += page[field]
        cursor = page["next_cursor"]
    assert [row["device_id"] for row in seen] == ["4", "3", "2", "1", "0"]
    assert len({row[key] for row in seen}) == 5
    whole = await site.http.get(route, params={"viewer_id": "v", "limit": 5}, headers=tenant.headers)
    assert (whole.json()[field], whole.json()["next_cursor"]) == (seen, None)


async def test_another_tenants_rows_look_like_rows_that_never_were(site: ApiSite) -> None:
    owner, stranger = await site.tenant(), await site.tenant()
    video_id = (await site.published(owner)).target.video_id
    session = await site.session(owner, video_id, viewer_id="v", device_id="tv")
    row = (await devices(site, owner))["tv"]
    for method, path, row_id in (
        ("GET", SESSIONS + "/{}", session["session_id"]),
        ("DELETE", SESSIONS + "/{}", session["session_id"]),
        ("POST", DEVICES + "/{}/block", row["id"]),
        ("DELETE", DEVICES + "/{}/block", row["id"]),
    ):
        answers = [
            await site.http.request(method, path.format(given), headers=stranger.headers)
            for given in (row_id, "0" * 32)
        ]
        assert [answer.status_code for answer in answers] == [404, 404], path
        foreign, unknown = ({**answer.json(), "request_id": ""} for answer in answers)
        assert foreign == unknown
    for route in (SESSIONS, DEVICES):
        of_both = [
            (await site.http.get(route, params={"viewer_id": who}, headers=stranger.headers)).json()
            for who in ("v", "nobody")
        ]
        assert of_both[0] == of_both[1]
        forgotten = await site.http.delete(route, params={"viewer_id": "v"}, headers=stranger.headers)
        assert set(forgotten.json().values()) == {0}
    assert (await devices(site, owner))["tv"] == row
    assert (await beat(site, session))["action"] == "continue"


@pytest.mark.parametrize("route", [SESSIONS, DEVICES])
@pytest.mark.parametrize(
    "params", [{}, {"viewer_id": ""}, {"viewer_id": "x" * 256}, {"viewer_id": "\0"}, {"viewer_id": "v", "cursor": "x"}]
)
async def test_what_names_no_viewer_is_refused(site: ApiSite, route: str, params: dict[str, str]) -> None:
    tenant = await site.tenant()
    answer = await site.http.get(route, params=params, headers=tenant.headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID_INPUT")


async def test_a_session_shows_nothing_that_was_not_asked_for(site: ApiSite) -> None:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    session = await site.session(tenant, video_id, viewer_id="v", viewer_ip="192.0.2.1", viewer_user_agent="Player/1")
    answer = await site.http.get(f"{SESSIONS}/{session['session_id']}", headers=tenant.headers)
    assert set(answer.json()) == {
        "session_id",
        "video_id",
        "version",
        "viewer_id",
        "device_id",
        "started_at",
        "expires_at",
        "renewed_at",
        "position",
        "ended_at",
        "ended_reason",
    }
