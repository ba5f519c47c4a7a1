"""Activities over a real database, real tools and a storage that is a directory."""

from __future__ import annotations

from tests.fixtures.database import database_url, uow_factory
from tests.integration.transcoding.conftest import make_version, sandbox

__all__ = ["database_url", "make_version", "sandbox", "uow_factory"]
