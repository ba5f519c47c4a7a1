"""Fixtures of the tests against PostgreSQL."""

from __future__ import annotations

from tests.fixtures.database import database_url, empty_database_url, uow_factory

__all__ = ["database_url", "empty_database_url", "uow_factory"]
