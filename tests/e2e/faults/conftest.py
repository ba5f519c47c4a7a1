"""A platform with a proxy between each of its processes and the object store, in a namespace and database of its own.

Its workers share no queue with those of other tests, so that a killed one is missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from cli.stack.endpoints import StackEndpoints
from tests.e2e.faults.publication import Publisher, open_publisher
from tests.e2e.faults.temporal_namespace import create_namespace
from tests.fixtures.clips import make_clip
from tests.fixtures.database import create_database, drop_database
from tests.fixtures.fault_proxy import FaultProxy
from tests.fixtures.platform import Platform, running_platform
from tests.fixtures.processes import Process


@dataclass
class Site:
    """The platform, and the proxies through which its processes reach the store."""

    platform: Platform
    api_store: FaultProxy
    orchestration_store: FaultProxy
    media_store: FaultProxy

    @property
    def stores(self) -> tuple[FaultProxy, ...]:
        return (self.api_store, self.orchestration_store, self.media_store)

    def start_media(self, **settings: str) -> Process:
        return self.platform.start_media(S3_ENDPOINT=self.media_store.url, **settings)

    def start_orchestration(self) -> Process:
        return self.platform.start_orchestration(S3_ENDPOINT=self.orchestration_store.url)


@pytest.fixture(scope="session")
def faulty_site(stack: StackEndpoints, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("faults")
    settings = stack.settings()
    namespace = f"faults-{uuid4().hex}"
    asyncio.run(create_namespace(settings.temporal_address, namespace))
    database = create_database(settings.database_url)
    ours = {
        "DATABASE_URL": database,
        "SEALCAST_TEMPORAL_NAMESPACE": namespace,
        "SEALCAST_SCRATCH_DIR": str(root / "scratch"),
        # The scripts upload and look past the proxies.
        "S3_PUBLIC_ENDPOINT": settings.s3_endpoint,
    }
    settings = settings.model_copy(
        update={"database_url": database, "temporal_namespace": namespace, "scratch_dir": root / "scratch"}
    )
    names = ("api", "orchestration", "media")
    proxies = {name: FaultProxy(settings.s3_endpoint) for name in names}
    try:
        stores = {name: proxy.url for name, proxy in proxies.items()}
        with running_platform(settings, {**stack.as_environment(), **ours}, root, stores=stores) as running:
            yield Site(running, *(proxies[name] for name in names))
    finally:
        for proxy in proxies.values():
            proxy.close()
        drop_database(database)


@pytest.fixture
def site(faulty_site: Site) -> Iterator[Site]:
    """With both workers alive before and after each test."""
    _revive(faulty_site)
    yield faulty_site
    _revive(faulty_site)


@pytest.fixture
async def publisher(site: Site) -> AsyncIterator[Publisher]:
    async with open_publisher(site.platform) as opened:
        yield opened


@pytest.fixture(scope="session")
def short_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One chunk, one rendition, sound."""
    return make_clip(tmp_path_factory.mktemp("clips") / "short.mp4", seconds=4, size="426x240")


@pytest.fixture(scope="session")
def long_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four chunks."""
    return make_clip(tmp_path_factory.mktemp("clips") / "long.mp4", seconds=76, size="426x240")


def _revive(site: Site) -> None:
    if not site.platform.media.alive:
        site.start_media()
    if not site.platform.orchestration.alive:
        site.start_orchestration()
