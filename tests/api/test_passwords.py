"""Passwords: forgotten, set by mail, changed; each time all sessions end."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.fixtures.api_site import ApiSite
from tests.fixtures.database import new_organisation
from tests.fixtures.members import Person, letters, new_member, token_in

pytestmark = pytest.mark.stack

NEW = "quite another password"


async def member(site: ApiSite) -> Person:
    return await new_member(site, await new_organisation(site.services.uow))


async def forgotten(site: ApiSite, person: Person) -> str:
    """The token in the newest letter."""
    before = set(letters(site, person.email))
    answer = await person.post("/auth/password/forgotten", {"email": person.email}, {"Host": "evil.test"})
    assert answer.status_code == 202
    [letter] = set(letters(site, person.email)) - before
    assert "evil.test" not in letter
    return token_in(letter)


async def set_(site: ApiSite, token: str, password: str = NEW) -> tuple[int, str]:
    answer = await site.http.post("/auth/password/set", json={"token": token, "password": password})
    return answer.status_code, answer.json()["code"] if answer.content else ""


async def test_a_forgotten_password_is_replaced_and_all_sessions_end(site: ApiSite) -> None:
    person = await member(site)
    token = await forgotten(site, person)
    assert await set_(site, token) == (204, "")
    site.clock.ahead += timedelta(seconds=site.services.settings.api_key_cache_seconds)
    assert await person.verify() == 401
    assert (await person.post("/auth/refresh", {"refresh_token": person.tokens["refresh_token"]})).status_code == 401
    assert (await person.try_login()).status_code == 401
    person.password = NEW
    await person.log_in()
    assert await set_(site, token) == (401, "TOKEN_REFUSED")


async def test_an_unknown_address_gets_the_same_answer_and_no_letter(site: ApiSite) -> None:
    person, nobody = await member(site), f"{uuid4().hex}@people.test"
    answers = [await person.post("/auth/password/forgotten", {"email": each}) for each in (person.email, nobody)]
    assert [(each.status_code, each.content) for each in answers] == [(202, b"")] * 2
    assert (len(letters(site, person.email)), letters(site, nobody)) == (1, [])


async def test_nobody_can_be_flooded_with_letters(site: ApiSite) -> None:
    person = await member(site)
    for _ in range(5):
        await person.post("/auth/password/forgotten", {"email": person.email})
    assert len(letters(site, person.email)) == 3


async def test_of_two_who_come_with_one_token_one_is_let_in(site: ApiSite) -> None:
    token = await forgotten(site, await member(site))
    results = await asyncio.gather(*(set_(site, token) for _ in range(4)))
    assert sorted(status for status, _ in results) == [204, 401, 401, 401]


async def test_a_newer_letter_or_half_an_hour_spoils_a_token(site: ApiSite) -> None:
    person = await member(site)
    first, second = await forgotten(site, person), await forgotten(site, person)
    assert await set_(site, first) == (401, "TOKEN_REFUSED")
    site.clock.ahead += timedelta(minutes=30)
    assert await set_(site, second) == (401, "TOKEN_REFUSED")


async def test_a_weak_password_is_refused_and_the_token_stays_good(site: ApiSite) -> None:
    person = await member(site)
    token = await forgotten(site, person)
    name = person.email.partition("@")[0]
    for weak in ("short", "aaaaaaaaaaaaaaaa", f"my {name} password", "x" * 64 + "abcde" * 13):
        assert await set_(site, token, weak) == (422, "PASSWORD_WEAK")
    assert await set_(site, token, " p\u00e4ssw\u00f6rter sind lang ") == (204, "")
    person.password = " p\u00e4ssw\u00f6rter sind lang "
    await person.log_in()


async def test_a_member_changes_their_password_with_the_old_one(site: ApiSite) -> None:
    person = await member(site)
    body = {"old_password": "not it", "new_password": NEW}
    wrong = await person.post("/auth/password", body, person.headers)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "PASSWORD_REFUSED")
    body["old_password"] = person.password
    assert (await person.post("/auth/password", body, person.headers)).status_code == 204
    site.clock.ahead += timedelta(seconds=site.services.settings.api_key_cache_seconds)
    assert await person.verify() == 401
    person.password = NEW
    await person.log_in()
