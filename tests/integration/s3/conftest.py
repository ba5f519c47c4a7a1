"""A store over the session's S3 server, and a prefix of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from core.adapters.s3 import S3Storage
from core.settings import Settings


@pytest.fixture
async def storage(settings: Settings) -> AsyncIterator[S3Storage]:
    store = S3Storage.from_settings(settings)
    await store.ensure_bucket()
    yield store
    await store.close()


@pytest.fixture
def prefix() -> str:
    return f"test/{uuid4().hex}/"
