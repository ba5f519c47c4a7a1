"""Fixtures of the API's tests."""

from __future__ import annotations

from tests.fixtures.alias_site import alias
from tests.fixtures.api_site import site
from tests.fixtures.compatible_site import vdocipher
from tests.fixtures.database import database_url
from tests.fixtures.licence_site import fairplay_rsa, licence_site
from tests.fixtures.log_file import log_file
from tests.fixtures.otps import otps

__all__ = ["alias", "database_url", "fairplay_rsa", "licence_site", "log_file", "otps", "site", "vdocipher"]
