"""The audit of content keys in a real database: it grows, and whoever changes it is found out."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from core.adapters.local_root_key import LocalRootKey
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.drm.key_audit import KeyPurpose, KeyUse
from core.domain.drm.key_records import KeyState
from core.domain.errors import Conflict, NotFound
from core.domain.hash_chain import ChainVerdict
from core.ports import KeyUnavailable
from core.services.keys.destroy_content_keys import destroy_content_keys
from core.services.keys.reader import ContentKeyReader
from core.services.keys.revoke_content_key import revoke_content_key
from core.services.keys.verify_audit import verify_audit
from tests.fixtures.database import new_organisation
from tests.fixtures.key_rows import video_with_keys

pytestmark = pytest.mark.stack

PACKAGING = KeyUse(KeyPurpose.PACKAGING, "step:package", "video/a/b/run")


async def verdict(factory: UnitOfWorkFactory, organisation_id: str) -> ChainVerdict:
    async with factory() as uow:
        return await verify_audit(uow, organisation_id)


async def write(factory: UnitOfWorkFactory, organisation_id: str, count: int) -> None:
    for _ in range(count):
        async with factory() as uow:
            await uow.key_audit.append(organisation_id, PACKAGING, [uuid4().hex])
            await uow.commit()


async def forge(factory: UnitOfWorkFactory, statement: str, organisation_id: str) -> None:
    """As somebody who owns the database could: with the triggers off."""
    async with factory() as uow:
        await uow._session.execute(text("ALTER TABLE key_audit DISABLE TRIGGER USER"))
        await uow._session.execute(text(statement), {"organisation": organisation_id})
        await uow._session.execute(text("ALTER TABLE key_audit ENABLE TRIGGER USER"))
        await uow.commit()


async def test_reading_keys_leaves_one_entry_with_all_that_was_opened(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str
) -> None:
    target = await video_with_keys(uow_factory, vault, organisation_id)
    keys = await ContentKeyReader(uow_factory, vault, PACKAGING).read(target)
    async with uow_factory() as uow:
        [entry] = await uow.key_audit.entries(organisation_id, 0, 10)
    assert (entry.sequence, entry.use) == (1, PACKAGING)
    assert set(entry.kids) == {key.kid for key in keys.values()}
    assert (await verdict(uow_factory, organisation_id)).last.sequence == 1


async def test_nothing_is_read_when_the_audit_cannot_be_written(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = await video_with_keys(uow_factory, vault, organisation_id)
    too_long = KeyUse(KeyPurpose.PACKAGING, "x" * 201, "")
    with pytest.raises(Exception, match="value too long"):
        await ContentKeyReader(uow_factory, vault, too_long).read(target)


async def test_writers_at_the_same_time_make_one_chain_without_gaps(
    uow_factory: UnitOfWorkFactory, organisation_id: str
) -> None:
    await asyncio.gather(*(write(uow_factory, organisation_id, 3) for _ in range(4)))
    found = await verdict(uow_factory, organisation_id)
    assert (found.last.sequence, found.broken) == (12, None)


async def test_what_was_rolled_back_leaves_no_gap(uow_factory: UnitOfWorkFactory, organisation_id: str) -> None:
    await write(uow_factory, organisation_id, 1)
    async with uow_factory() as uow:
        await uow.key_audit.append(organisation_id, PACKAGING, [])
    await write(uow_factory, organisation_id, 1)
    assert (await verdict(uow_factory, organisation_id)).last.sequence == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE key_audit SET actor = 'nobody' WHERE organisation_id = CAST(:organisation AS uuid)",
        "DELETE FROM key_audit WHERE organisation_id = CAST(:organisation AS uuid)",
        "TRUNCATE key_audit",
        "TRUNCATE drm_licenses",
    ],
)
async def test_the_database_refuses_to_change_the_audit(
    uow_factory: UnitOfWorkFactory, organisation_id: str, statement: str
) -> None:
    await write(uow_factory, organisation_id, 1)
    async with uow_factory() as uow:
        with pytest.raises(ProgrammingError, match="append-only"):
            await uow._session.execute(text(statement), {"organisation": organisation_id})
    assert (await verdict(uow_factory, organisation_id)).broken is None


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE key_audit SET actor = 'nobody' WHERE {mine} AND sequence = 3", 3),
        ("UPDATE key_audit SET purpose = 'rotation' WHERE {mine} AND sequence = 1", 1),
        ("UPDATE key_audit SET purpose = 'nonsense' WHERE {mine} AND sequence = 2", 2),
        ("UPDATE key_audit SET kids = '[]' WHERE {mine} AND sequence = 5", 5),
        ("UPDATE key_audit SET kids = '7' WHERE {mine} AND sequence = 3", 3),
        ("UPDATE key_audit SET kids = jsonb_build_object(kids->>0, 1) WHERE {mine} AND sequence = 1", 1),
        ("UPDATE key_audit SET at = at + interval '1 microsecond' WHERE {mine} AND sequence = 2", 2),
        ("UPDATE key_audit SET digest = sha256('x') WHERE {mine} AND sequence = 4", 4),
        ("UPDATE key_audit SET sequence = sequence + 100 WHERE {mine} AND sequence = 2", 2),
        ("DELETE FROM key_audit WHERE {mine} AND sequence = 3", 3),
        ("DELETE FROM key_audit WHERE {mine} AND sequence = 1", 1),
    ],
)
async def test_the_verifier_names_the_first_bad_entry(
    uow_factory: UnitOfWorkFactory, organisation_id: str, statement: str, first_bad: int
) -> None:
    await write(uow_factory, organisation_id, 5)
    mine = "organisation_id = CAST(:organisation AS uuid)"
    await forge(uow_factory, statement.format(mine=mine), organisation_id)
    found = await verdict(uow_factory, organisation_id)
    assert found.broken is not None
    assert (found.broken.sequence, found.last.sequence) == (first_bad, first_bad - 1)


async def test_a_cut_off_end_shows_beside_what_was_noted(uow_factory: UnitOfWorkFactory, organisation_id: str) -> None:
    await write(uow_factory, organisation_id, 4)
    kept = await verdict(uow_factory, organisation_id)
    cut = "DELETE FROM key_audit WHERE organisation_id = CAST(:organisation AS uuid) AND sequence = 4"
    await forge(uow_factory, cut, organisation_id)
    assert (await verdict(uow_factory, organisation_id)).broken is None
    async with uow_factory() as uow:
        found = await verify_audit(uow, organisation_id, kept.last)
    assert found.broken is not None
    assert found.broken.sequence == 4


async def test_a_revoked_key_is_given_to_nobody_and_the_audit_says_who_did_it(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str
) -> None:
    target = await video_with_keys(uow_factory, vault, organisation_id)
    async with uow_factory() as uow:
        kid = (await uow.keys.content_keys(target))[0].kid
        for _ in range(2):
            await revoke_content_key(uow, organisation_id, kid, "operator:test", "cli")
        await uow.commit()
    async with uow_factory() as uow:
        record = await uow.keys.content_key(organisation_id, kid)
        entries = await uow.key_audit.entries(organisation_id, 0, 10)
    assert record is not None
    assert record.state is KeyState.REVOKED
    assert [(entry.use.purpose, entry.use.actor, entry.kids) for entry in entries] == [
        (KeyPurpose.REVOCATION, "operator:test", (kid,))
    ]
    with pytest.raises(KeyUnavailable, match="revoked"):
        await ContentKeyReader(uow_factory, vault, PACKAGING).read(target)


async def test_foreign_unknown_and_destroyed_keys_cannot_be_revoked(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str
) -> None:
    target = await video_with_keys(uow_factory, vault, organisation_id)
    stranger = await new_organisation(uow_factory)
    async with uow_factory() as uow:
        kid = (await uow.keys.content_keys(target))[0].kid
        for organisation, asked in ((stranger, kid), (organisation_id, uuid4().hex)):
            with pytest.raises(NotFound):
                await revoke_content_key(uow, organisation, asked, "operator:test", "cli")
        await destroy_content_keys(uow.keys, target)
        with pytest.raises(Conflict):
            await revoke_content_key(uow, organisation_id, kid, "operator:test", "cli")
