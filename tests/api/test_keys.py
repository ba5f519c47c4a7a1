"""Revoking keys, and licences while keys rotate or their holder is away."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from core.adapters.local_root_key import LocalRootKey
from core.adapters.root_key import open_root_key
from core.adapters.root_keyring import RootKeyring
from core.contracts.rotate_keys import Rewrapped
from core.domain.drm.key_audit import KeyPurpose, KeyUse
from core.ports import KeyServiceUnavailable, RootKeyVault
from core.services.keys import rewrap_secrets as rewrapping
from core.services.keys.activate_tenant_key import activate_tenant_key
from core.services.keys.envelope import open_tenant_key, wrap_tenant_key
from core.services.keys.read_audit import read_audit
from tests.fixtures.api_site import ApiSite, Tenant
from tests.fixtures.loopback import loopback
from tests.fixtures.published_video import Published
from tests.fixtures.vault_double import VaultDouble

pytestmark = pytest.mark.stack

ROUTE = "/api/licences/clearkey"
USE = KeyUse(KeyPurpose.ROTATION, "step:rewrap_secrets", "run")


async def licence(site: ApiSite, token: str, kids: tuple[str, ...], **headers: str) -> httpx.Response:
    wanted = [base64.urlsafe_b64encode(bytes.fromhex(kid)).rstrip(b"=").decode() for kid in kids]
    return await site.http.post(
        ROUTE, content=json.dumps({"kids": wanted}), headers={"Authorization": f"Bearer {token}", **headers}
    )


def keys_in(answer: httpx.Response) -> dict[str, str]:
    """KID in hex → key as it was sent."""
    assert answer.status_code == 200, answer.text
    return {base64.urlsafe_b64decode(key["kid"] + "==").hex(): key["k"] for key in answer.json()["keys"]}


async def playing(site: ApiSite) -> tuple[Tenant, Published, str]:
    tenant = await site.tenant()
    published = await site.published(tenant)
    return tenant, published, (await site.session(tenant, published.target.video_id))["token"]


def use_vault(site: ApiSite, vault: RootKeyVault) -> None:
    front = replace(site.services.licence_front, vault=vault)
    site.services = site.app.state.services = replace(site.services, vault=vault, licence_front=front)


async def test_a_revoked_key_is_left_out_of_licences_from_then_on(site: ApiSite) -> None:
    tenant, published, token = await playing(site)
    before = keys_in(await licence(site, token, published.kids))
    revoked, *left = published.kids
    for _ in range(2):
        answer = await site.http.post(f"/v1/keys/{revoked}/revoke", headers=tenant.headers)
        assert answer.status_code == 204
    assert keys_in(await licence(site, token, published.kids)) == {kid: before[kid] for kid in left}
    for kid in left:
        await site.http.post(f"/v1/keys/{kid}/revoke", headers=tenant.headers)
    answer = await licence(site, token, published.kids)
    assert (answer.status_code, answer.json()["code"]) == (403, "KEYS_REFUSED")


async def test_another_tenants_key_looks_like_one_that_never_was(site: ApiSite) -> None:
    _, published, token = await playing(site)
    stranger = await site.tenant()
    answers = [
        await site.http.post(f"/v1/keys/{kid}/revoke", headers=stranger.headers)
        for kid in (published.kids[0], uuid4().hex)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    foreign, unknown = ({**answer.json(), "request_id": ""} for answer in answers)
    assert foreign == unknown
    assert set(keys_in(await licence(site, token, published.kids))) == set(published.kids)


@pytest.mark.parametrize("kid", ["0" * 31, "0" * 33, "G" * 32, "A" * 32, "%00"])
async def test_what_is_no_key_id_is_refused(site: ApiSite, kid: str) -> None:
    tenant = await site.tenant()
    assert (await site.http.post(f"/v1/keys/{kid}/revoke", headers=tenant.headers)).status_code == 422


async def test_the_audit_tells_who_had_a_key(site: ApiSite) -> None:
    tenant, published, token = await playing(site)
    kid = published.kids[0]
    await licence(site, token, published.kids, **{"X-Request-ID": "licence-1234"})
    await site.http.post(f"/v1/keys/{kid}/revoke", headers={**tenant.headers, "X-Request-ID": "revoke-1234"})
    async with site.services.uow() as uow:
        lines = await read_audit(uow, tenant.organisation_id, kid, 10)
        others = await read_audit(uow, tenant.organisation_id, published.kids[1], 10)
    assert [(line.what, line.request_id) for line in lines] == [
        ("revocation", "revoke-1234"),
        ("licence clearkey", "licence-1234"),
    ]
    assert lines[0].who.startswith("api-key:")
    assert lines[1].who.startswith("session:")
    assert [line.what for line in others] == ["licence clearkey"]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM drm_licenses WHERE organisation_id = CAST(:organisation AS uuid)",
        "UPDATE drm_licenses SET restrictions = '{}' WHERE organisation_id = CAST(:organisation AS uuid)",
        "UPDATE drm_licenses SET issued_at = now() WHERE organisation_id = CAST(:organisation AS uuid)",
    ],
)
async def test_what_a_licence_gave_cannot_be_changed_afterwards(site: ApiSite, statement: str) -> None:
    tenant, published, token = await playing(site)
    keys_in(await licence(site, token, published.kids))
    async with site.services.uow() as uow:
        with pytest.raises(ProgrammingError, match="append-only"):
            await uow._session.execute(text(statement), {"organisation": tenant.organisation_id})


async def test_licences_are_given_at_every_moment_of_a_tenant_keys_rotation(
    site: ApiSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewrapping, "BATCH", 1)
    tenant, published, token = await playing(site)
    uow, vault = site.services.uow, site.services.vault
    before = keys_in(await licence(site, token, published.kids))
    await activate_tenant_key(uow, vault, tenant.organisation_id, 2)
    assert keys_in(await licence(site, token, published.kids)) == before
    done = Rewrapped()
    while not done.done:
        done = done.plus(await rewrapping.rewrap_secrets(uow, vault, tenant.organisation_id, done.after, USE))
        assert keys_in(await licence(site, token, published.kids)) == before
    assert done.rewrapped == len(published.kids)


async def test_licences_are_given_before_and_after_the_root_key_changed(site: ApiSite) -> None:
    tenant, published, token = await playing(site)
    before = keys_in(await licence(site, token, published.kids))
    new = LocalRootKey(secrets.token_bytes(32))
    both = RootKeyring(new, [site.services.vault])
    use_vault(site, both)
    assert keys_in(await licence(site, token, published.kids)) == before
    async with site.services.uow() as uow:
        [key] = await uow.key_rotation.tenant_keys(tenant.organisation_id)
        await uow.key_rotation.replace_tenant_key(
            key, await wrap_tenant_key(both, key, await open_tenant_key(both, key))
        )
        await uow.commit()
    assert keys_in(await licence(site, token, published.kids)) == before
    use_vault(site, new)
    assert keys_in(await licence(site, token, published.kids)) == before


async def test_licences_by_a_root_key_in_vault_ask_it_once(site: ApiSite, tmp_path: Path) -> None:
    double = VaultDouble()
    (tmp_path / "token").write_text(next(iter(double.tokens)))
    with loopback(double.answer) as url:
        given = {"root_key_provider": "vault", "vault_address": url, "vault_transit_key": "sealcast"}
        settings = site.services.settings.model_copy(update={**given, "vault_token_file": tmp_path / "token"})
        use_vault(site, open_root_key(settings))
        _, published, token = await playing(site)
        use_vault(site, open_root_key(settings))  # as after a restart: nothing in memory
        double.asked.clear()
        answers = [keys_in(await licence(site, token, published.kids)) for _ in range(5)]
    assert set(answers[0]) == set(published.kids)
    assert all(answer == answers[0] for answer in answers)
    assert double.asked == ["/v1/transit/decrypt/sealcast"]
    assert double.faults == []


class Away(LocalRootKey):
    async def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes:
        raise KeyServiceUnavailable("the test switched it off")


async def test_no_licence_while_the_root_key_is_away_and_one_afterwards(site: ApiSite) -> None:
    tenant, published, token = await playing(site)
    vault = site.services.vault
    use_vault(site, Away(secrets.token_bytes(32)))
    answer = await licence(site, token, published.kids)
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"]
    async with site.services.uow() as uow:
        assert await read_audit(uow, tenant.organisation_id, None, 10) == []
    use_vault(site, vault)
    assert set(keys_in(await licence(site, token, published.kids))) == set(published.kids)
