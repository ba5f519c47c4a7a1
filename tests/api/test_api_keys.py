"""API keys: roles, expiry, networks, rotation with two active ones, and what the audit log says of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from core.domain.auth.permissions import Role
from core.services.organisations.api_key_secret import hash_of
from tests.fixtures.api_site import ApiSite, Tenant

pytestmark = pytest.mark.stack


async def created(site: ApiSite, tenant: Tenant, **body: Any) -> tuple[dict[str, Any], Tenant]:
    """What the route says of the key, and who holds it."""
    answer = await site.http.post("/v1/api-keys", json={"name": "backend", **body}, headers=tenant.headers)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.json()["key"], Tenant(tenant.organisation_id, answer.json()["secret"])


async def status(site: ApiSite, tenant: Tenant, path: str = "/v1/videos") -> tuple[int, str]:
    answer = await site.http.get(path, headers=tenant.headers)
    return answer.status_code, answer.json().get("code", "")


def forget_nothing_longer(site: ApiSite) -> None:
    """Past the moment for which good keys are remembered."""
    site.clock.ahead += timedelta(seconds=site.services.settings.api_key_cache_seconds)


async def test_a_new_key_works_and_its_secret_is_shown_once(site: ApiSite) -> None:
    admin = await site.tenant()
    key, holder = await created(site, admin, roles=["editor"])
    assert await status(site, holder) == (200, "")
    listed = (await site.http.get("/v1/api-keys", headers=admin.headers)).json()
    shown = {each["name"]: each for each in listed["api_keys"]}
    assert set(shown) == {"backend", "test"}
    assert shown["backend"]["last_used_at"] is not None
    assert holder.secret not in str(listed)
    assert holder.secret.startswith(key["prefix"])
    async with site.services.uow() as uow:
        row = await uow.organisations.api_key_by_hash(hash_of(holder.secret))
    assert row is not None
    assert holder.secret not in str(row.model_dump())


async def test_pages_of_keys_hold_each_once(site: ApiSite) -> None:
    admin = await site.tenant()
    for number in range(4):
        await created(site, admin, name=f"key {number}")
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 2}
    while True:
        page = (await site.http.get("/v1/api-keys", params=query, headers=admin.headers)).json()
        seen += [each["id"] for each in page["api_keys"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 5


async def test_a_key_cannot_do_more_than_whoever_made_it(site: ApiSite) -> None:
    """There is no such caller among today's roles by name; the rule is what keeps it so."""
    editor = await site.tenant(Role.EDITOR)
    assert await status(site, editor, "/v1/api-keys") == (403, "FORBIDDEN")
    admin = await site.tenant()
    owner = await site.http.post("/v1/api-keys", json={"name": "x", "roles": ["owner"]}, headers=admin.headers)
    assert owner.status_code == 422


async def test_an_expired_key_is_refused_at_once_though_it_was_remembered(site: ApiSite) -> None:
    admin = await site.tenant()
    until = site.clock.now() + timedelta(seconds=2)
    _, holder = await created(site, admin, expires_at=until.isoformat())
    assert await status(site, holder) == (200, "")
    site.clock.ahead += timedelta(seconds=2)
    assert await status(site, holder) == (401, "UNAUTHENTICATED")
    late = {"name": "x", "expires_at": site.clock.now().isoformat()}
    assert (await site.http.post("/v1/api-keys", json=late, headers=admin.headers)).status_code == 422


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        (["192.0.2.0/24"], 403),
        (["127.0.0.0/8"], 200),
        (["192.0.2.7", "127.0.0.1"], 200),
        (["2001:db8::/32"], 403),
        (["::ffff:127.0.0.0/104"], 200),
    ],
)
async def test_a_key_with_networks_works_from_there_alone(site: ApiSite, networks: list[str], expected: int) -> None:
    _, holder = await created(site, await site.tenant(), networks=networks)
    # The second time it is remembered, and checked all the same; a header that nobody of ours wrote changes nothing.
    for headers in (holder.headers, holder.headers | {"X-Forwarded-For": "192.0.2.7"}):
        answer = await site.http.get("/v1/videos", headers=headers)
        assert answer.status_code == expected
        assert expected == 200 or answer.json()["code"] == "ADDRESS_NOT_ALLOWED"


@pytest.mark.parametrize("bad", [["192.0.2.0/33"], ["example.com"], ["0"], ["192.0.2.1/24/1"], ["fe80::1%eth0"]])
async def test_networks_that_are_none_are_refused(site: ApiSite, bad: list[str]) -> None:
    body = {"name": "x", "networks": bad}
    answer = await site.http.post("/v1/api-keys", json=body, headers=(await site.tenant()).headers)
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["networks"])


async def test_two_keys_of_a_name_are_active_and_never_three(site: ApiSite) -> None:
    admin = await site.tenant()
    first, old = await created(site, admin, roles=["otpCreator"], networks=["127.0.0.1"])
    rotated = await site.http.post(f"/v1/api-keys/{first['id']}/rotate", headers=admin.headers)
    assert rotated.status_code == 201
    new = Tenant(admin.organisation_id, rotated.json()["secret"])
    assert rotated.json()["key"] | {"id": "", "prefix": "", "last_used_at": None} == first | {"id": "", "prefix": ""}
    assert [await status(site, each) for each in (old, new)] == [(200, "")] * 2
    third = await site.http.post("/v1/api-keys", json={"name": "backend"}, headers=admin.headers)
    again = await site.http.post(f"/v1/api-keys/{first['id']}/rotate", headers=admin.headers)
    assert [(each.status_code, each.json()["code"]) for each in (third, again)] == [(409, "API_KEY_LIMIT")] * 2
    site.clock.ahead += timedelta(hours=24)
    assert [await status(site, each) for each in (old, new)] == [(401, "UNAUTHENTICATED"), (200, "")]
    over = await site.http.post(f"/v1/api-keys/{first['id']}/rotate", headers=admin.headers)
    assert (over.status_code, over.json()["code"]) == (409, "API_KEY_OVER")
    await created(site, admin)


async def test_a_race_for_the_last_place_has_one_winner(site: ApiSite) -> None:
    admin = await site.tenant()
    await created(site, admin)
    answers = await asyncio.gather(
        *(site.http.post("/v1/api-keys", json={"name": "backend"}, headers=admin.headers) for _ in range(5))
    )
    assert sorted(each.status_code for each in answers) == [201, 409, 409, 409, 409]


async def test_a_revoked_key_is_refused_and_revoking_twice_changes_nothing(site: ApiSite) -> None:
    admin = await site.tenant()
    key, holder = await created(site, admin)
    assert await status(site, holder) == (200, "")
    for _ in range(2):
        assert (await site.http.delete(f"/v1/api-keys/{key['id']}", headers=admin.headers)).status_code == 204
    forget_nothing_longer(site)
    assert await status(site, holder) == (401, "UNAUTHENTICATED")


async def log(site: ApiSite, tenant: Tenant, **query: Any) -> dict[str, Any]:
    answer = await site.http.get("/v1/audit-log", params=query, headers=tenant.headers)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


async def test_the_audit_log_says_who_did_it_from_where_in_pages(site: ApiSite) -> None:
    admin = await site.tenant()
    key, _ = await created(site, admin, roles=["viewer"])
    request = httpx.Request("DELETE", f"http://api.test/v1/api-keys/{key['id']}", headers=admin.headers)
    request.headers["X-Request-ID"] = f"req-{uuid4().hex}"
    await site.http.send(request)
    page = await log(site, admin, limit=1)
    [last] = page["entries"]
    assert last["action"] == "api-key.revoke"
    assert last["target"] == f"api-key:{key['id']}"
    assert last["actor"].startswith("api-key:")
    assert (last["address"], last["request_id"]) == ("127.0.0.1", request.headers["X-Request-ID"])
    rest = await log(site, admin, cursor=page["next_cursor"])
    assert [each["action"] for each in rest["entries"]] == ["api-key.create"]
    assert rest["entries"][0]["details"] == {"name": "backend", "roles": ["viewer"], "networks": []}
    assert rest["next_cursor"] is None


@pytest.mark.parametrize("cursor", ["-1", "x", "1e3", "9" * 30, "\u0663"])
async def test_a_cursor_that_is_none_of_ours_is_refused(site: ApiSite, cursor: str) -> None:
    answer = await site.http.get("/v1/audit-log", params={"cursor": cursor}, headers=(await site.tenant()).headers)
    assert answer.status_code == 422
