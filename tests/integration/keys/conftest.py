"""A root key and a database; tests that look at all organisations get a database of their own."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator

import pytest

from core.adapters.local_root_key import LocalRootKey
from core.db.migrate import migrate
from core.db.unit_of_work import UnitOfWorkFactory, open_database
from tests.fixtures.database import database_url, empty_database_url, new_organisation, uow_factory

__all__ = ["database_url", "empty_database_url", "uow_factory"]


@pytest.fixture
def vault() -> LocalRootKey:
    return LocalRootKey(secrets.token_bytes(32))


@pytest.fixture
async def organisation_id(uow_factory: UnitOfWorkFactory) -> str:
    return await new_organisation(uow_factory)


@pytest.fixture
async def own_database(empty_database_url: str) -> AsyncIterator[UnitOfWorkFactory]:
    migrate(empty_database_url)
    async with open_database(empty_database_url) as factory:
        yield factory
