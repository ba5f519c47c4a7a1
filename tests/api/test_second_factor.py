"""Authenticators: needed once confirmed, each code once, and recovery codes for a lost device."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import text

from core.domain.drm.key_records import TenantKeyRecord
from core.services.accounts.sealed_table import TotpTable
from core.services.keys.envelope import open_tenant_key
from tests.fixtures.api_site import ApiSite
from tests.fixtures.database import new_organisation
from tests.fixtures.members import Person, new_member

pytestmark = pytest.mark.stack


def code(site: ApiSite, secret: str, steps: int = 0) -> str:
    """RFC 6238 by hand, so that not one library checks itself."""
    counter = int(site.clock.now().timestamp()) // 30 + steps
    key = base64.b32decode(secret)
    digest = hmac.digest(key, counter.to_bytes(8, "big"), "sha1")
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


async def member(site: ApiSite) -> Person:
    return await new_member(site, await new_organisation(site.services.uow))


async def enrolled(site: ApiSite) -> tuple[Person, str, list[str]]:
    """A member, their secret, and their recovery codes."""
    person = await member(site)
    answer = await person.post("/auth/totp", headers=person.headers)
    assert answer.status_code == 201, answer.text
    secret = answer.json()["secret"]
    assert parse_qs(urlsplit(answer.json()["uri"]).query)["secret"] == [secret]
    # It does not count yet.
    await person.log_in()
    confirmed = await person.post("/auth/totp/confirm", {"code": code(site, secret)}, person.headers)
    assert confirmed.status_code == 200, confirmed.text
    site.clock.ahead += timedelta(seconds=90)
    return person, secret, confirmed.json()["recovery_codes"]


async def refused(person: Person, **more: Any) -> str:
    answer = await person.try_login(**more)
    assert answer.status_code == 401
    found: str = answer.json()["code"]
    return found


async def test_a_code_is_needed_right_and_new(site: ApiSite) -> None:
    person, secret, _ = await enrolled(site)
    assert await refused(person) == "CODE_REQUIRED"
    now = code(site, secret)
    assert await refused(person, code="000000" if now != "000000" else "111111") == "CODE_REFUSED"
    await person.log_in(code=now)
    assert await refused(person, code=now) == "CODE_REFUSED"
    # Who does not know the password learns nothing of codes.
    assert await refused(person, password="wrong password", code=now) == "LOGIN_REFUSED"


async def test_codes_of_the_steps_beside_are_taken_and_no_others(site: ApiSite) -> None:
    person, secret, _ = await enrolled(site)
    for steps in (-2, 2):
        assert await refused(person, code=code(site, secret, steps)) == "CODE_REFUSED"
    await person.log_in(code=code(site, secret, 1))
    # A code of a step before one that was taken is old, even though its time has not passed.
    assert await refused(person, code=code(site, secret)) == "CODE_REFUSED"


async def test_a_recovery_code_opens_once(site: ApiSite) -> None:
    person, _, codes = await enrolled(site)
    assert len(set(codes)) == 10
    await person.log_in(code=codes[0].upper())
    assert await refused(person, code=codes[0]) == "CODE_REFUSED"
    await person.log_in(code=codes[1].replace("-", ""))


async def test_it_is_removed_with_a_code_and_not_without(site: ApiSite) -> None:
    person, secret, _ = await enrolled(site)
    wrong = await person.post("/auth/totp/remove", {"code": "x"}, person.headers)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "CODE_REFUSED")
    again = await person.post("/auth/totp", headers=person.headers)
    assert (again.status_code, again.json()["code"]) == (409, "TOTP_ACTIVE")
    gone = await person.post("/auth/totp/remove", {"code": code(site, secret)}, person.headers)
    assert gone.status_code == 204
    await person.log_in()


async def test_codes_cannot_be_guessed_from_inside_a_session(site: ApiSite) -> None:
    person, _, _ = await enrolled(site)
    answers = [await person.post("/auth/totp/remove", {"code": "x"}, person.headers) for _ in range(11)]
    assert [each.status_code for each in answers[-2:]] == [429, 429]


async def test_the_database_holds_neither_secret_nor_recovery_codes_and_rotation_moves_it(site: ApiSite) -> None:
    person, secret, codes = await enrolled(site)
    async with site.services.uow() as uow:
        found = await uow._session.execute(
            text("SELECT row_to_json(t)::text FROM user_totp t WHERE user_id = CAST(:id AS uuid)"), {"id": person.id}
        )
        row = found.scalar_one()
        raw = base64.b32decode(secret).hex()
        assert secret not in row
        assert raw not in row
        assert not any(each.replace("-", "") in row for each in codes)
        assert hashlib.sha256(codes[0].replace("-", "").encode()).hexdigest() in row
        await _move(site, uow, person)
        await uow.commit()
    await person.log_in(code=code(site, secret))


async def _move(site: ApiSite, uow: Any, person: Person) -> None:
    """As a rotation does, to the same key sealed anew."""
    record = await uow.keys.active_tenant_key(person.organisation_id)
    key, table = await open_tenant_key(site.services.vault, record), TotpTable()
    other = TenantKeyRecord("0" * 32, person.organisation_id, 2, b"", "root")
    rows = await table.left(uow, other, None, 10)
    assert [table.id_of(row) for row in rows] == [person.id]
    await table.store(uow, [table.moved(row, key, record, key) for row in rows])
