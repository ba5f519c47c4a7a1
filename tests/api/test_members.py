"""Members: invited by mail, given roles, removed; and an organisation always has an owner."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.domain.auth.permissions import Role
from core.ports import Mail, MailUnavailable
from tests.fixtures.api_site import ApiSite
from tests.fixtures.database import new_organisation
from tests.fixtures.members import Person, letters, new_member, random_address, token_in

pytestmark = pytest.mark.stack


async def owner(site: ApiSite) -> Person:
    return await new_member(site, await new_organisation(site.services.uow))


async def invite(site: ApiSite, by: Person, email: str, role: str) -> httpx.Response:
    return await site.http.post("/v1/members", json={"email": email, "role": role}, headers=by.headers)


async def change(site: ApiSite, by: Person, member_id: str, role: str) -> tuple[int, str]:
    answer = await site.http.patch(f"/v1/members/{member_id}", json={"role": role}, headers=by.headers)
    return answer.status_code, answer.json().get("code", "")


async def remove(site: ApiSite, by: Person, member_id: str) -> tuple[int, str]:
    answer = await site.http.delete(f"/v1/members/{member_id}", headers=by.headers)
    return answer.status_code, answer.json().get("code", "") if answer.content else ""


async def members(site: ApiSite, by: Person) -> dict[str, dict[str, Any]]:
    listed = (await site.http.get("/v1/members", headers=by.headers)).json()["members"]
    return {each["email"]: each for each in listed}


async def test_an_invitation_becomes_a_member_with_a_password_of_their_own(site: ApiSite) -> None:
    boss, email = await owner(site), f"New.{uuid4().hex}@People.test"
    invited = await invite(site, boss, email, "editor")
    assert invited.status_code == 201, invited.text
    assert (invited.json()["email"], invited.json()["invited"]) == (email.lower(), True)
    [letter] = letters(site, email.lower())
    token = token_in(letter)
    assert token not in invited.text
    password = "a good long password"
    set_ = await site.http.post("/auth/password/set", json={"token": token, "password": password})
    assert set_.status_code == 204
    again = await site.http.post("/auth/password/set", json={"token": token, "password": password})
    assert (again.status_code, again.json()["code"]) == (401, "TOKEN_REFUSED")
    person = Person(site, boss.organisation_id, invited.json()["id"], email, password, random_address())
    await person.log_in()
    assert (await members(site, boss))[email.lower()]["invited"] is False


async def test_an_address_belongs_to_one_organisation(site: ApiSite) -> None:
    boss, other = await owner(site), await owner(site)
    answer = await invite(site, boss, other.email, "viewer")
    assert (answer.status_code, answer.json()["code"]) == (409, "MEMBER_EXISTS")


async def test_nobody_is_invited_when_the_letter_is_not_taken(site: ApiSite, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_: object, mail: Mail) -> None:
        raise MailUnavailable("no")

    boss, email = await owner(site), f"{uuid4().hex}@people.test"
    monkeypatch.setattr(type(site.services.mailer), "send", refuse)
    assert (await invite(site, boss, email, "viewer")).status_code == 503
    assert email not in await members(site, boss)


@pytest.mark.parametrize(
    "email", ["x", "a b@people.test", "a@b", "a@@people.test", "a@people.test\r\nBcc: b@people.test", "<a@people.test>"]
)
async def test_what_is_no_address_is_refused(site: ApiSite, email: str) -> None:
    assert (await invite(site, await owner(site), email, "viewer")).status_code == 422


async def test_nobody_gives_or_takes_what_they_do_not_have(site: ApiSite) -> None:
    boss = await owner(site)
    admin = await new_member(site, boss.organisation_id, Role.ADMIN)
    second = await new_member(site, boss.organisation_id, Role.OWNER, signed_in=False)
    refused = (403, "ROLE_TOO_HIGH")
    assert (await invite(site, admin, f"{uuid4().hex}@people.test", "owner")).json()["code"] == "ROLE_TOO_HIGH"
    assert await change(site, admin, admin.id, "owner") == refused
    assert await change(site, admin, second.id, "viewer") == refused
    assert await remove(site, admin, second.id) == refused
    assert await change(site, boss, second.id, "viewer") == (200, "")
    assert await change(site, boss, second.id, "root") == (422, "INVALID_INPUT")


async def test_the_last_owner_cannot_go(site: ApiSite) -> None:
    boss = await owner(site)
    assert await change(site, boss, boss.id, "admin") == (409, "LAST_OWNER")
    assert await remove(site, boss, boss.id) == (409, "LAST_OWNER")


async def test_two_owners_who_remove_each_other_leave_one(site: ApiSite) -> None:
    one = await owner(site)
    two = await new_member(site, one.organisation_id)
    results = await asyncio.gather(remove(site, one, two.id), remove(site, two, one.id))
    assert sorted(status for status, _ in results) == [204, 409]


async def test_a_removed_member_is_out_and_their_address_is_free(site: ApiSite) -> None:
    boss = await owner(site)
    gone = await new_member(site, boss.organisation_id, Role.EDITOR)
    assert await gone.verify() == 200
    assert await remove(site, boss, gone.id) == (204, "")
    site.clock.ahead += timedelta(seconds=site.services.settings.api_key_cache_seconds)
    assert await gone.verify() == 401
    refreshed = await gone.post("/auth/refresh", {"refresh_token": gone.tokens["refresh_token"]})
    assert (refreshed.status_code, (await gone.try_login()).status_code) == (401, 401)
    assert gone.email not in await members(site, boss)
    assert await remove(site, boss, gone.id) == (404, "NOT_FOUND")
    assert (await invite(site, boss, gone.email, "viewer")).status_code == 201
    log = (await site.http.get("/v1/audit-log", headers=boss.headers)).json()["entries"]
    assert [each["action"] for each in log[:2]] == ["member.invite", "member.remove"]
