"""Moving the key servers' secrets to another tenant key."""

from __future__ import annotations

import secrets
from dataclasses import replace
from uuid import uuid4

import pytest
from Crypto.PublicKey import RSA

from core.db.models import KeySigner
from core.domain.drm.associated_data import signer_binding
from core.domain.drm.external_key import ExternalKeyRecord
from core.domain.drm.key_records import TenantKeyRecord
from core.ports import KeyUnavailable
from core.services.key_server.sealed_tables import ExternalKeyTable, KeySignerTable
from core.services.key_server.sealing import opened, seal, sealed, unseal
from core.services.keys.envelope import open_tenant_key
from tests.fixtures.api_site import ApiSite
from tests.fixtures.widevine_client import Signer, inner

OLD, NEW = secrets.token_bytes(32), secrets.token_bytes(32)
ORGANISATION = uuid4().hex
CURRENT = TenantKeyRecord(uuid4().hex, ORGANISATION, 2, b"", "root")


def test_a_moved_external_key_opens_under_the_new_key_only() -> None:
    empty = ExternalKeyRecord(ORGANISATION, uuid4().hex, b"film", "HD", 3, b"i" * 16, b"", uuid4().hex)
    old, table = sealed(OLD, empty, b"k" * 16), ExternalKeyTable()
    new = table.moved(old, OLD, CURRENT, NEW)
    assert opened(NEW, new) == opened(OLD, old) == b"k" * 16
    assert replace(new, wrapped_key=old.wrapped_key, tenant_key_id=old.tenant_key_id) == old
    for key, record in ((OLD, new), (NEW, old), (NEW, replace(new, tenant_key_id=old.tenant_key_id))):
        with pytest.raises(KeyUnavailable):
            opened(key, record)
    with pytest.raises(KeyUnavailable):
        table.moved(old, NEW, CURRENT, NEW)


def test_a_moved_signer_keeps_its_secret() -> None:
    signer_id, before = uuid4().hex, uuid4().hex
    wrapped = seal(OLD, b"s" * 48, signer_binding(ORGANISATION, signer_id, before))
    row = KeySigner(
        id=signer_id, organisation_id=ORGANISATION, name="a", kind="aes", wrapped_key=wrapped, tenant_key_id=before
    )
    moved = KeySignerTable().moved(row, OLD, CURRENT, NEW)
    assert unseal(NEW, moved.wrapped_key, signer_binding(ORGANISATION, signer_id, CURRENT.id)) == b"s" * 48
    assert moved.tenant_key_id == CURRENT.id
    with pytest.raises(KeyUnavailable):
        KeySignerTable().moved(row, NEW, CURRENT, NEW)


@pytest.mark.stack
async def test_rows_are_found_in_order_by_batches_and_stored(site: ApiSite) -> None:
    tenant = await site.tenant()
    signer = await Signer.add(site, tenant)
    await (await Signer.add(site, await site.tenant())).ask(inner(b"of another tenant"))
    rsa = {"kind": "rsa", "name": "rsa", "public_key": RSA.generate(2048).public_key().export_key().decode()}
    await site.http.post("/v1/key-signers", json=rsa, headers=tenant.headers)
    await signer.ask(inner(b"film"))
    other = replace(CURRENT, organisation_id=tenant.organisation_id)
    for table, count in ((ExternalKeyTable(), 5), (KeySignerTable(), 1)):
        async with site.services.uow() as uow:
            first = await table.left(uow, other, None, 3)
            rest = await table.left(uow, other, table.id_of(first[-1]), 3)
            ids = [table.id_of(row) for row in [*first, *rest]]
            assert ids == sorted(set(ids))
            assert len(ids) == count
            # Everything is under the active key: nothing is left.
            active = replace(other, id=first[0].tenant_key_id)
            assert await table.left(uow, active, None, 3) == []


@pytest.mark.stack
async def test_what_was_moved_is_what_is_served(site: ApiSite) -> None:
    """To the same tenant key, sealed anew: another nonce, the same answers."""
    tenant = await site.tenant()
    signer = await Signer.add(site, tenant)
    before = await signer.ask(inner(b"film"))
    async with site.services.uow() as uow:
        record = await uow.keys.active_tenant_key(tenant.organisation_id)
        assert record is not None
        key = await open_tenant_key(site.services.vault, record)
        stranger = replace(record, id=uuid4().hex)
        for table in (ExternalKeyTable(), KeySignerTable()):
            rows = await table.left(uow, stranger, None, 10)
            moved = [table.moved(row, key, record, key) for row in rows]
            assert [new.wrapped_key for new in moved] != [row.wrapped_key for row in rows]
            await table.store(uow, moved)
        await uow.commit()
    assert await signer.ask(inner(b"film")) == before
