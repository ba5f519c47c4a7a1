"""Fixtures of the API's tests."""

from __future__ import annotations

from tests.fixtures.api_site import site
from tests.fixtures.database import database_url

__all__ = ["database_url", "site"]
