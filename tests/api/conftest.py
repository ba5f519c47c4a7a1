"""Fixtures of the API's tests."""

from __future__ import annotations

from tests.fixtures.api_site import site
from tests.fixtures.database import database_url
from tests.fixtures.licence_site import fairplay_rsa, licence_site

__all__ = ["database_url", "fairplay_rsa", "licence_site", "site"]
