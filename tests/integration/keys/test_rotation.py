"""Tenant and root keys change in a real database; content keys stay what they were."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import make_url, text

from core.adapters.local_root_key import LocalRootKey
from core.adapters.root_keyring import RootKeyring
from core.contracts.rotate_keys import Rewrapped
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.drm.key_audit import KeyPurpose, KeyUse
from core.domain.drm.key_records import (
    FIRST_WRAP_ALGORITHM,
    WRAP_ALGORITHM,
    ContentKeyRecord,
    KeyState,
    TenantKeyRecord,
)
from core.domain.errors import Conflict
from core.domain.media.plan import ProtectionScheme
from core.ports import KeyServiceUnavailable, KeyUnavailable
from core.services.keys import rewrap_secrets as rewrapping
from core.services.keys import rewrap_tenant_keys as tenants
from core.services.keys.activate_tenant_key import activate_tenant_key, next_tenant_key_version
from core.services.keys.destroy_content_keys import destroy_content_keys
from core.services.keys.envelope import active_tenant_key, open_tenant_key, unseal
from core.services.keys.issue_content_keys import issue_content_keys
from core.services.keys.revoke_content_key import revoke_content_key
from tests.fixtures.database import new_organisation
from tests.fixtures.key_rows import LABELS, add_video, opened, video_with_keys

pytestmark = pytest.mark.stack

USE = KeyUse(KeyPurpose.ROTATION, "step:rewrap_secrets", "run")


async def rows(factory: UnitOfWorkFactory, target: VersionRef) -> list[ContentKeyRecord]:
    async with factory() as uow:
        return list(await uow.keys.content_keys(target))


async def tenant_keys(factory: UnitOfWorkFactory, organisation_id: str) -> list[TenantKeyRecord]:
    async with factory() as uow:
        return await uow.key_rotation.tenant_keys(organisation_id)


async def rewrap_all(factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str) -> Rewrapped:
    done = Rewrapped()
    while not done.done:
        done = done.plus(await rewrapping.rewrap_secrets(factory, vault, organisation_id, done.after, USE))
    return done


async def execute(factory: UnitOfWorkFactory, statement: str, **values: object) -> None:
    async with factory() as uow:
        await uow._session.execute(text(statement), values)
        await uow.commit()


async def test_a_new_tenant_key_takes_over_and_all_content_keys_stay_what_they_were(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rewrapping, "BATCH", 2)
    videos = [await video_with_keys(uow_factory, vault, organisation_id) for _ in range(2)]
    foreign = await video_with_keys(uow_factory, vault, await new_organisation(uow_factory))
    foreign_rows = await rows(uow_factory, foreign)
    before = [await opened(uow_factory, vault, video) for video in videos]
    await activate_tenant_key(uow_factory, vault, organisation_id, 2)
    assert [await opened(uow_factory, vault, video) for video in videos] == before
    assert (await rewrap_all(uow_factory, vault, organisation_id)).rewrapped == 6
    assert [await opened(uow_factory, vault, video) for video in videos] == before
    new, old = await tenant_keys(uow_factory, organisation_id)
    assert [(key.version, key.state) for key in (new, old)] == [(2, KeyState.ACTIVE), (1, KeyState.RETIRED)]
    assert {row.tenant_key_id for video in videos for row in await rows(uow_factory, video)} == {new.id}
    assert await rows(uow_factory, foreign) == foreign_rows
    assert (await rewrap_all(uow_factory, vault, organisation_id)).rewrapped == 0


@dataclass
class Notes:
    """Another table under the tenant key; a row is an id and the key that wraps it."""

    name: str
    rows: dict[str, str]
    holds_content_keys: bool = False

    def id_of(self, row: Note) -> str:
        return row.id

    async def left(self, work: UnitOfWork, current: TenantKeyRecord, after: str | None, most: int) -> list[Note]:
        found = [Note(at, key) for at, key in sorted(self.rows.items()) if key != current.id and at > (after or "")]
        return found[:most]

    def moved(self, row: Note, opened_by: bytes, current: TenantKeyRecord, sealed_by: bytes) -> Note:
        assert opened_by != sealed_by
        return Note(row.id, current.id)

    async def store(self, work: UnitOfWork, rows: Sequence[Note]) -> None:
        self.rows |= {row.id: row.tenant_key_id for row in rows}


@dataclass(frozen=True)
class Note:
    id: str
    tenant_key_id: str


async def test_a_rotation_goes_through_every_table_under_the_tenant_key(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await video_with_keys(uow_factory, vault, organisation_id)
    [old] = await tenant_keys(uow_factory, organisation_id)
    full, empty = Notes("full", {str(n): old.id for n in range(5)}), Notes("empty", {})
    monkeypatch.setattr(rewrapping, "SEALED_TABLES", (full, *rewrapping.SEALED_TABLES, empty))
    monkeypatch.setattr(rewrapping, "BATCH", 2)
    await activate_tenant_key(uow_factory, vault, organisation_id, 2)
    done = await rewrap_all(uow_factory, vault, organisation_id)
    assert (done.rewrapped, done.refused) == (8, 0)
    [new, _] = await tenant_keys(uow_factory, organisation_id)
    assert set(full.rows.values()) == {new.id}
    async with uow_factory() as uow:
        entries = await uow.key_audit.entries(organisation_id, 0, 10)
    assert sum(len(entry.kids) for entry in entries) == 3


async def test_every_batch_is_in_the_audit(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str
) -> None:
    target = await video_with_keys(uow_factory, vault, organisation_id)
    await activate_tenant_key(uow_factory, vault, organisation_id, 2)
    await rewrap_all(uow_factory, vault, organisation_id)
    async with uow_factory() as uow:
        [entry] = await uow.key_audit.entries(organisation_id, 0, 10)
    assert entry.use == USE
    assert set(entry.kids) == {row.kid for row in await rows(uow_factory, target)}


async def test_keys_of_the_first_binding_come_out_with_the_second(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str
) -> None:
    target = await video_with_keys(uow_factory, vault, organisation_id)
    key, nonce, [old, *_] = secrets.token_bytes(16), secrets.token_bytes(12), await rows(uow_factory, target)
    async with uow_factory() as uow:
        _, tenant_key = await active_tenant_key(uow.keys, vault, organisation_id)
    parts = (organisation_id, old.kid, old.tenant_key_id, "content-key")
    bound = b"".join(len(part).to_bytes(4, "big") + part.encode() for part in parts)
    await execute(
        uow_factory,
        "UPDATE content_keys SET wrapped_key = :wrapped, wrap_alg = :alg WHERE kid = CAST(:kid AS uuid)",
        wrapped=nonce + AESGCM(tenant_key).encrypt(nonce, key, bound),
        alg=FIRST_WRAP_ALGORITHM,
        kid=old.kid,
    )
    assert (await opened(uow_factory, vault, target))[old.kid] == key
    await activate_tenant_key(uow_factory, vault, organisation_id, 2)
    await rewrap_all(uow_factory, vault, organisation_id)
    assert (await opened(uow_factory, vault, target))[old.kid] == key
    assert {row.wrap_alg for row in await rows(uow_factory, target)} == {WRAP_ALGORITHM}


async def test_activating_the_same_version_again_changes_nothing(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str
) -> None:
    await video_with_keys(uow_factory, vault, organisation_id)
    await asyncio.gather(*(activate_tenant_key(uow_factory, vault, organisation_id, 2) for _ in range(3)))
    assert [key.version for key in await tenant_keys(uow_factory, organisation_id)] == [2, 1]
    async with uow_factory() as uow:
        assert await next_tenant_key_version(uow, organisation_id) == 3


async def test_without_a_key_there_is_nothing_to_rotate(uow_factory: UnitOfWorkFactory, organisation_id: str) -> None:
    async with uow_factory() as uow:
        with pytest.raises(Conflict):
            await next_tenant_key_version(uow, organisation_id)


async def test_a_key_that_does_not_open_is_named_and_the_others_move(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str
) -> None:
    target = await video_with_keys(uow_factory, vault, organisation_id)
    [bad, *good] = await rows(uow_factory, target)
    await execute(
        uow_factory, "UPDATE content_keys SET wrapped_key = 'noise' WHERE kid = CAST(:kid AS uuid)", kid=bad.kid
    )
    await activate_tenant_key(uow_factory, vault, organisation_id, 2)
    done = await rewrap_all(uow_factory, vault, organisation_id)
    assert (done.rewrapped, done.refused, done.examples) == (2, 1, (bad.kid,))
    left = [row.kid for row in await rows(uow_factory, target) if row.tenant_key_id == bad.tenant_key_id]
    assert left == [bad.kid]
    assert len(good) == 2


async def test_revoked_keys_move_too_and_destroyed_ones_stay_empty(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str
) -> None:
    kept, gone = [await video_with_keys(uow_factory, vault, organisation_id) for _ in range(2)]
    before = await opened(uow_factory, vault, kept)
    [revoked, *_] = await rows(uow_factory, kept)
    async with uow_factory() as uow:
        await revoke_content_key(uow, organisation_id, revoked.kid, "operator:test", "")
        await destroy_content_keys(uow.keys, gone)
        await uow.commit()
    await activate_tenant_key(uow_factory, vault, organisation_id, 2)
    assert (await rewrap_all(uow_factory, vault, organisation_id)).rewrapped == 3
    assert {row.wrapped_key for row in await rows(uow_factory, gone)} == {b""}
    [moved, *_] = await rows(uow_factory, kept)
    new, _ = await tenant_keys(uow_factory, organisation_id)
    assert (moved.state, moved.tenant_key_id) == (KeyState.REVOKED, new.id)
    assert unseal(await open_tenant_key(vault, new), moved) == before[revoked.kid]


async def test_a_rotation_waits_for_who_is_about_to_wrap_with_the_old_key(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str, database_url: str
) -> None:
    """Otherwise its content keys could appear under the old key after the last page was done."""
    await video_with_keys(uow_factory, vault, organisation_id)
    target = await add_video(uow_factory, organisation_id)
    async with uow_factory() as uow:
        await active_tenant_key(uow.keys, vault, organisation_id)
        rotation = asyncio.create_task(activate_tenant_key(uow_factory, vault, organisation_id, 2))
        while not rotation.done() and not await asyncio.to_thread(someone_waits_for_a_lock, database_url):
            pass
        assert not rotation.done()
        await issue_content_keys(uow.keys, vault, target, LABELS, ProtectionScheme.CBCS)
        await uow.commit()
    await rotation
    assert (await rewrap_all(uow_factory, vault, organisation_id)).rewrapped == 6
    late = await video_with_keys(uow_factory, vault, organisation_id)
    new, _ = await tenant_keys(uow_factory, organisation_id)
    assert {row.tenant_key_id for row in await rows(uow_factory, late)} == {new.id}


def someone_waits_for_a_lock(database_url: str) -> bool:
    conninfo = make_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo) as connection:
        waiting = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        ).fetchone()
    return waiting is not None and waiting[0] > 0


async def test_a_new_root_key_takes_over_in_every_organisation(
    own_database: UnitOfWorkFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenants, "BATCH", 2)
    old, new, lost = (LocalRootKey(secrets.token_bytes(32)) for _ in range(3))
    organisations = [await new_organisation(own_database) for _ in range(4)]
    videos = [await video_with_keys(own_database, old, one) for one in organisations[:3]]
    stray = await video_with_keys(own_database, lost, organisations[3])
    before = [await opened(own_database, old, video) for video in videos]
    both, done = RootKeyring(new, [old]), Rewrapped()
    while not done.done:
        assert [await opened(own_database, both, video) for video in videos] == before
        done = done.plus(await tenants.rewrap_tenant_keys(own_database, both, done.after))
    assert (done.rewrapped, done.refused) == (3, 1)
    assert done.examples == tuple(key.id for key in await tenant_keys(own_database, organisations[3]))
    assert [await opened(own_database, new, video) for video in videos] == before
    with pytest.raises(KeyUnavailable):
        await opened(own_database, new, stray)
    again = await tenants.rewrap_tenant_keys(own_database, new, None, everything=True)
    assert again.rewrapped + again.refused == 2
    assert [await opened(own_database, new, video) for video in videos] == before


class Outage(LocalRootKey):
    """A root key whose holder is away."""

    async def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes:
        raise KeyServiceUnavailable("the test switched it off")


async def test_an_outage_of_the_kms_is_no_verdict_about_keys(own_database: UnitOfWorkFactory) -> None:
    organisation_id, secret = await new_organisation(own_database), secrets.token_bytes(32)
    vault, away = LocalRootKey(secret), Outage(secret)
    target = await video_with_keys(own_database, vault, organisation_id)
    await activate_tenant_key(own_database, vault, organisation_id, 2)
    with pytest.raises(KeyServiceUnavailable):
        await rewrapping.rewrap_secrets(own_database, away, organisation_id, None, USE)
    with pytest.raises(KeyServiceUnavailable):
        await tenants.rewrap_tenant_keys(own_database, away, None, everything=True)
    assert {row.wrap_alg for row in await rows(own_database, target)} == {WRAP_ALGORITHM}
    assert len(await opened(own_database, vault, target)) == 3
