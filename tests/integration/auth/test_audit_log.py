"""The audit log in a real database: it grows, and whoever changes it is found out."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.hash_chain import ChainVerdict, Noted
from core.services.audit.signed_by import SignedBy
from core.services.audit.verify_log import verify_log
from tests.fixtures.database import new_organisation

pytestmark = pytest.mark.stack

BY = SignedBy("user:x", datetime(2026, 11, 26, 1, 2, 3, 4, UTC), "192.0.2.1", "request")
MINE = "organisation_id = CAST(:organisation AS uuid)"


async def write(factory: UnitOfWorkFactory, organisation_id: str, count: int) -> None:
    for number in range(count):
        async with factory() as uow:
            await BY.note(uow, organisation_id, "thing.do", f"thing:{number}", {"b": [1, "é"], "a": None})
            await uow.commit()


async def verdict(factory: UnitOfWorkFactory, organisation_id: str, noted: Noted | None = None) -> ChainVerdict:
    async with factory() as uow:
        return await verify_log(uow, organisation_id, noted)


async def forge(factory: UnitOfWorkFactory, statement: str, organisation_id: str) -> None:
    """As somebody who owns the database could: with the triggers off."""
    async with factory() as uow:
        await uow._session.execute(text("ALTER TABLE audit_log DISABLE TRIGGER USER"))
        await uow._session.execute(text(statement.format(mine=MINE)), {"organisation": organisation_id})
        await uow._session.execute(text("ALTER TABLE audit_log ENABLE TRIGGER USER"))
        await uow.commit()


async def test_writers_at_the_same_time_make_one_chain_without_gaps(uow_factory: UnitOfWorkFactory) -> None:
    organisation_id = await new_organisation(uow_factory)
    await asyncio.gather(*(write(uow_factory, organisation_id, 3) for _ in range(3)))
    found = await verdict(uow_factory, organisation_id)
    assert (found.last.sequence, found.broken) == (9, None)


@pytest.mark.parametrize(
    "statement", ["UPDATE audit_log SET actor = ''", "DELETE FROM audit_log", "TRUNCATE audit_log"]
)
async def test_the_database_refuses_to_change_it(uow_factory: UnitOfWorkFactory, statement: str) -> None:
    await write(uow_factory, await new_organisation(uow_factory), 1)
    async with uow_factory() as uow:
        with pytest.raises(ProgrammingError, match="append-only"):
            await uow._session.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "first_bad"),
    [
        ("UPDATE audit_log SET actor = 'nobody' WHERE {mine} AND sequence = 3", 3),
        ("UPDATE audit_log SET action = 'x' WHERE {mine} AND sequence = 1", 1),
        ("UPDATE audit_log SET target = 'x' WHERE {mine} AND sequence = 2", 2),
        ("UPDATE audit_log SET address = '' WHERE {mine} AND sequence = 4", 4),
        ("UPDATE audit_log SET request_id = '' WHERE {mine} AND sequence = 4", 4),
        ("UPDATE audit_log SET details = '7' WHERE {mine} AND sequence = 2", 2),
        ("UPDATE audit_log SET details = details - 'a' WHERE {mine} AND sequence = 2", 2),
        ("UPDATE audit_log SET at = at + interval '1 microsecond' WHERE {mine} AND sequence = 2", 2),
        ("UPDATE audit_log SET digest = sha256('x') WHERE {mine} AND sequence = 4", 4),
        ("DELETE FROM audit_log WHERE {mine} AND sequence = 3", 3),
        ("DELETE FROM audit_log WHERE {mine} AND sequence = 1", 1),
    ],
)
async def test_the_verifier_names_the_first_bad_entry(
    uow_factory: UnitOfWorkFactory, statement: str, first_bad: int
) -> None:
    organisation_id = await new_organisation(uow_factory)
    await write(uow_factory, organisation_id, 5)
    assert (await verdict(uow_factory, organisation_id)).broken is None
    await forge(uow_factory, statement, organisation_id)
    found = await verdict(uow_factory, organisation_id)
    assert found.broken is not None
    assert (found.broken.sequence, found.last.sequence) == (first_bad, first_bad - 1)


async def test_a_cut_off_end_shows_beside_what_was_noted(uow_factory: UnitOfWorkFactory) -> None:
    organisation_id = await new_organisation(uow_factory)
    await write(uow_factory, organisation_id, 3)
    kept = (await verdict(uow_factory, organisation_id)).last
    await forge(uow_factory, "DELETE FROM audit_log WHERE {mine} AND sequence = 3", organisation_id)
    assert (await verdict(uow_factory, organisation_id)).broken is None
    broken = (await verdict(uow_factory, organisation_id, kept)).broken
    assert broken is not None
    assert broken.sequence == 3
