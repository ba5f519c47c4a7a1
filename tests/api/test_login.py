"""Signing in: the same answer for whoever is not let in, and not for ever."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from argon2 import PasswordHasher

from core.domain.auth.lockout import login_limits
from core.domain.auth.permissions import Role
from core.ports import AttemptsUnavailable
from tests.fixtures.api_site import ApiSite
from tests.fixtures.database import new_organisation
from tests.fixtures.members import Person, new_member

pytestmark = pytest.mark.stack


async def owner(site: ApiSite, role: Role = Role.OWNER) -> Person:
    return await new_member(site, await new_organisation(site.services.uow), role, signed_in=False)


async def test_a_member_signs_in_and_uses_what_their_role_permits(site: ApiSite) -> None:
    person = await owner(site, Role.VIEWER)
    answer = await person.try_login()
    assert answer.headers["cache-control"] == "no-store"
    person.tokens = answer.json()
    assert (person.tokens["token_type"], person.tokens["expires_in"]) == ("Bearer", 600)
    seen = (await site.http.get("/auth/verify", headers=person.headers)).json()
    assert (seen["kind"], seen["id"], seen["roles"]) == ("user", person.id, ["viewer"])
    assert seen["organisation_id"] == person.organisation_id
    assert (await site.http.get("/v1/videos", headers=person.headers)).status_code == 200
    assert (await site.http.post("/v1/uploads", json={}, headers=person.headers)).status_code == 403


async def test_a_role_holds_from_the_next_moment_on_though_the_token_is_older(site: ApiSite) -> None:
    person = await owner(site, Role.ADMIN)
    await person.log_in()
    assert (await site.http.get("/v1/members", headers=person.headers)).status_code == 200
    async with site.services.uow() as uow:
        user = await uow.members.get(person.organisation_id, person.id)
        assert user is not None
        user.role = "viewer"
        await uow.commit()
    site.clock.ahead += timedelta(seconds=site.services.settings.api_key_cache_seconds)
    assert (await site.http.get("/v1/members", headers=person.headers)).status_code == 403


async def test_unknown_accounts_and_wrong_passwords_get_the_same_answer(site: ApiSite) -> None:
    person = await owner(site)
    wrong = await person.try_login("not the password at all")
    unknown = await person.post("/auth/login", {"email": f"{uuid4().hex}@people.test", "password": person.password})
    seen = [answer.json() | {"request_id": ""} for answer in (wrong, unknown)]
    assert seen[0] == seen[1]
    assert (wrong.status_code, seen[0]["code"]) == (unknown.status_code, "LOGIN_REFUSED")
    assert wrong.status_code == 401


async def test_an_unknown_account_costs_a_password_check_too(site: ApiSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes the time the same; measuring it would measure the machine."""
    checked: list[str | None] = []
    real = site.services.passwords._verify

    def spy(kept: str, password: str) -> bool:
        checked.append(kept)
        return real(kept, password)

    monkeypatch.setattr(site.services.passwords, "_verify", spy)
    person = await owner(site)
    await person.post("/auth/login", {"email": f"{uuid4().hex}@people.test", "password": "x"})
    await person.try_login("x")
    assert [kept[:30] for kept in checked if kept] == ["$argon2id$v=19$m=19456,t=2,p=1"] * 2


@pytest.mark.parametrize("exists", [True, False])
async def test_guessing_is_locked_out_whether_the_account_exists_or_not(site: ApiSite, exists: bool) -> None:
    person = await owner(site)
    if not exists:
        person.email = f"{uuid4().hex}@people.test"
    answers = [await person.try_login("wrong password") for _ in range(10)]
    assert {answer.status_code for answer in answers} == {401}
    # Written another way it is the same account, and the right password does not help.
    person.email = f" {person.email.upper()} "
    locked = await person.try_login()
    assert (locked.status_code, locked.json()["code"]) == (429, "TOO_MANY_ATTEMPTS")
    assert 800 < int(locked.headers["retry-after"]) <= 900


async def test_a_login_clears_the_count_of_its_account(site: ApiSite) -> None:
    person = await owner(site)
    for _ in range(2):
        for _ in range(6):
            assert (await person.try_login("wrong password")).status_code == 401
        await person.log_in()


async def test_one_address_cannot_try_many_accounts(site: ApiSite) -> None:
    person = await owner(site)
    _, limit = login_limits(person.email, person.address)
    for _ in range(limit.most):
        await site.services.attempts.count([limit], timedelta(minutes=15))
    assert (await person.try_login()).status_code == 429


async def test_nobody_is_let_in_uncounted(site: ApiSite, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object) -> None:
        raise AttemptsUnavailable("no store")

    person = await owner(site)
    monkeypatch.setattr(type(site.services.attempts), "count", away)
    assert (await person.try_login()).status_code == 503


async def test_a_weaker_hash_is_replaced_at_the_next_login(site: ApiSite) -> None:
    person = await owner(site)
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(person.password)
    for expected in (weak, None):
        async with site.services.uow() as uow:
            user = await uow.members.get(person.organisation_id, person.id)
            assert user is not None
            if expected:
                user.password_hash = expected
                await uow.commit()
        assert user.password_hash is not None
        if expected:
            await person.log_in()
    assert user.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    await person.log_in()


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@b.test"},
        {"email": "a@b.test", "password": "x", "role": "owner"},
        {"email": "a@b.test", "password": "x" * 1001},
        {"email": "a\0@b.test", "password": "x"},
        {"email": "a@b.test", "password": "\ud800"},
        {"email": ["a@b.test"], "password": "x"},
    ],
)
async def test_malformed_bodies_are_refused_without_repeating_them(site: ApiSite, body: dict[str, object]) -> None:
    answer = await site.http.post(
        "/auth/login", content=json.dumps(body).encode(), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert "xxxx" not in answer.text


async def test_a_member_issues_an_otp_where_their_role_permits_it(site: ApiSite) -> None:
    tenant = await site.tenant()
    video_id = (await site.published(tenant)).target.video_id
    editor = await new_member(site, tenant.organisation_id, Role.EDITOR)
    viewer = await new_member(site, tenant.organisation_id, Role.VIEWER)
    body = {"video_id": video_id, "policy": {"ttl": 60, "annotate": "[{'type':'text','text':'x'}]"}}
    issued = await editor.post("/auth/otp/generate", body, editor.headers)
    assert issued.status_code == 200, issued.text
    assert len(issued.json()["otp"]) == 64
    assert (await viewer.post("/auth/otp/generate", body, viewer.headers)).status_code == 403
    bad = await editor.post("/auth/otp/generate", body | {"policy": {"ttl": -1}}, editor.headers)
    assert (bad.status_code, list(bad.json()["fields"])) == (422, ["ttl"])
