"""Fixtures of the tests of who may do what."""

from __future__ import annotations

from tests.fixtures.database import database_url, uow_factory

__all__ = ["database_url", "uow_factory"]
