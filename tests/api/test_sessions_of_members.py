"""Refresh tokens: used once, in families; and members' sessions, which end when somebody says so."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from core.services.accounts.refresh_session import LEEWAY
from tests.fixtures.api_site import ApiSite
from tests.fixtures.database import new_organisation
from tests.fixtures.members import Person, new_member

pytestmark = pytest.mark.stack


async def member(site: ApiSite) -> Person:
    return await new_member(site, await new_organisation(site.services.uow))


async def refresh(person: Person, token: str) -> tuple[int, dict[str, Any]]:
    answer = await person.post("/auth/refresh", {"refresh_token": token})
    return answer.status_code, answer.json()


async def later(site: ApiSite, by: timedelta = timedelta(minutes=1)) -> None:
    site.clock.ahead += by


async def test_each_refresh_gives_new_tokens_of_the_same_session(site: ApiSite) -> None:
    person = await member(site)
    first = person.tokens
    for _ in range(3):
        await later(site)
        status, person.tokens = await refresh(person, person.tokens["refresh_token"])
        assert status == 200
        assert person.tokens["session_id"] == first["session_id"]
        assert await person.verify() == 200
    assert person.tokens["refresh_token"] != first["refresh_token"]


async def test_a_token_that_comes_back_kills_its_family(site: ApiSite) -> None:
    person = await member(site)
    first = person.tokens["refresh_token"]
    _, second = await refresh(person, first)
    _, third = await refresh(person, second["refresh_token"])
    # R1 after R3: not the one before the newest, so that not even the leeway helps.
    assert (await refresh(person, first))[1]["code"] == "REFRESH_REFUSED"
    assert (await refresh(person, third["refresh_token"]))[0] == 401
    person.tokens = third
    await later(site, timedelta(seconds=site.services.settings.api_key_cache_seconds))
    assert await person.verify() == 401
    async with site.services.uow() as uow:
        [last] = await uow.audit_log.newest(person.organisation_id, None, 1)
    assert (last.event.action, last.event.details) == ("session.reuse", {"user": person.id})


async def test_two_requests_at_once_carry_on_one_session_and_the_leeway_ends(site: ApiSite) -> None:
    person = await member(site)
    token = person.tokens["refresh_token"]
    answers = await asyncio.gather(*(refresh(person, token) for _ in range(2)))
    assert [status for status, _ in answers] == [200, 200]
    assert len({body["refresh_token"] for _, body in answers}) == 2
    assert {body["session_id"] for _, body in answers} == {person.tokens["session_id"]}
    await later(site, LEEWAY + timedelta(microseconds=1))
    assert (await refresh(person, token))[0] == 401
    assert [(await refresh(person, body["refresh_token"]))[0] for _, body in answers] == [401, 401]


async def test_within_the_leeway_only_the_token_before_the_newest_is_taken(site: ApiSite) -> None:
    person = await member(site)
    first = person.tokens["refresh_token"]
    _, second = await refresh(person, first)
    await later(site, LEEWAY)
    assert (await refresh(person, first))[0] == 200
    assert (await refresh(person, second["refresh_token"]))[0] == 200
    assert (await refresh(person, first))[0] == 401


async def test_a_session_ends_idle_and_in_any_case(site: ApiSite) -> None:
    idle, busy = await member(site), await member(site)
    await later(site, timedelta(days=14))
    assert (await refresh(idle, idle.tokens["refresh_token"]))[0] == 401
    assert (await refresh(busy, busy.tokens["refresh_token"]))[0] == 401
    person = await member(site)
    for _ in range(7):
        await later(site, timedelta(days=13) - timedelta(minutes=12))
        status, person.tokens = await refresh(person, person.tokens["refresh_token"])
        if status != 200:
            break
        assert await person.verify() == 200
    assert status == 401 or site.clock.ahead < timedelta(days=14 + 90)
    await later(site, timedelta(days=13))
    assert (await refresh(person, person.tokens.get("refresh_token", "x")))[0] == 401


@pytest.mark.parametrize("token", ["x", "0" * 96, "f" * 95, "é" * 96])
async def test_what_is_no_refresh_token_is_refused(site: ApiSite, token: str) -> None:
    assert (await site.http.post("/auth/refresh", json={"refresh_token": token})).status_code == 401
    assert (await site.http.post("/auth/logout", json={"refresh_token": token})).status_code == 204


async def test_signing_out_ends_access_at_once(site: ApiSite) -> None:
    person = await member(site)
    assert await person.verify() == 200
    for _ in range(2):
        assert (await person.post("/auth/logout", _token(person))).status_code == 204
    assert await person.verify() == 401
    assert (await refresh(person, person.tokens["refresh_token"]))[0] == 401


def _token(person: Person) -> dict[str, str]:
    return {"refresh_token": person.tokens["refresh_token"]}


async def test_a_member_sees_their_sessions_and_ends_one(site: ApiSite) -> None:
    person = await member(site)
    here = person.tokens
    await later(site)
    await person.log_in()
    listed = (await site.http.get("/auth/sessions", headers=person.headers)).json()
    assert [each["current"] for each in listed] == [True, False]
    assert {each["address"] for each in listed} == {person.address}
    other = listed[1]["id"]
    assert other == here["session_id"]
    stranger = await member(site)
    for who, expected in ((stranger, 404), (person, 204), (person, 404)):
        gone = await site.http.delete(f"/auth/sessions/{other}", headers=who.headers)
        assert gone.status_code == expected
    assert (await refresh(person, here["refresh_token"]))[0] == 401
    assert await person.verify() == 200


async def test_an_api_key_has_no_sessions(site: ApiSite) -> None:
    answer = await site.http.get("/auth/sessions", headers=(await site.tenant()).headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "MEMBERS_ONLY")
