"""Imports into a real database and a real object store, from servers on loopback."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from core.adapters.clock import SystemClock
from core.adapters.egress.ftp_source import FtpSource
from core.adapters.egress.http import GuardedHttp
from core.adapters.egress.http_source import HttpSource
from core.adapters.egress.resolution import Resolve, system_resolver
from core.adapters.egress.s3_source import S3Source
from core.adapters.egress.sources import AnySource
from core.adapters.s3 import S3Storage
from core.contracts.version_ref import VersionRef
from core.db.models import VideoImport, VideoVersion
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.egress.destination import EgressPolicy
from core.domain.imports import ImportPolicy
from core.domain.progress import Report, StepProgress
from core.domain.video import VideoState
from core.services.imports.fetch_source import fetch_source
from core.services.imports.limits import ImportLimits
from core.services.imports.start_import import start_import
from core.services.uploads.new_video import NewVideo
from core.services.uploads.start_upload import UploadLimits
from core.services.videos.set_processing import set_processing
from core.settings import Settings
from tests.fixtures.database import database_url, new_organisation, uow_factory
from tests.fixtures.recording_gateway import RecordingGateway

__all__ = ["database_url", "uow_factory"]

LOOPBACK = EgressPolicy((ipaddress.ip_network("127.0.0.1/32"),), ports=None)
LIMITS = ImportLimits(max_bytes=64 * 1024**2, pause=0.0)


@dataclass
class Importer:
    """Starts imports and fetches their sources, as API and workers do. `readings` are those of all fetches."""

    uow: UnitOfWorkFactory
    storage: S3Storage
    organisation_id: str
    settings: Settings
    policy: ImportPolicy = field(default_factory=lambda: ImportPolicy(LOOPBACK))
    limits: ImportLimits = LIMITS
    resolve: Resolve = system_resolver
    seconds: float = 5.0
    idle: float = 5.0
    gateway: RecordingGateway = field(default_factory=RecordingGateway)
    readings: list[StepProgress] = field(default_factory=list)

    async def start(self, url: str, *, policy: ImportPolicy | None = None) -> VersionRef:
        """`policy` is what the API goes by, when that is another one."""
        limits = UploadLimits(self.limits.max_bytes, "cbcs")
        allowed = policy or self.policy
        video = await start_import(self.uow, self.gateway, allowed, limits, self.organisation_id, url, NewVideo())
        target = VersionRef(self.organisation_id, video.id, 1)
        async with self.uow() as uow:
            await set_processing(uow, target)
            await uow.commit()
        return target

    async def fetch(self, target: VersionRef, report: Report | None = None) -> int:
        store = S3Source(
            lambda bucket: S3Storage.at(
                self.settings.s3_endpoint,
                self.settings.s3_access_key,
                self.settings.s3_secret_key,
                self.settings.s3_region,
                bucket,
            )
        )
        policy = self.policy.egress
        async with aclosing(GuardedHttp(policy, resolve=self.resolve)) as http, aclosing(store) as s3:
            sources = AnySource(
                HttpSource(http, seconds=self.seconds, idle=self.idle),
                FtpSource(policy, resolve=self.resolve, seconds=self.seconds, idle=self.idle),
                s3,
            )
            return await fetch_source(
                self.uow,
                self.storage,
                sources,
                SystemClock(),
                self.policy,
                self.limits,
                target,
                report or self.readings.append,
            )

    async def rows(self, target: VersionRef) -> tuple[VideoVersion, VideoImport]:
        async with self.uow() as uow:
            return await uow.videos.version(target), await uow.imports.lock(target)

    async def stored(self, target: VersionRef) -> bytes:
        version, row = await self.rows(target)
        assert (version.import_pending, version.upload_id, row.url) == (False, None, None)
        assert version.status is VideoState.PROCESSING
        data = await self.storage.get_bytes(version.source_key)
        assert version.source_size == len(data)
        return data

    def impatient(self) -> None:
        """From now on, no failure of a server is waited out."""
        self.limits = replace(self.limits, patience=timedelta(0))


@pytest.fixture(scope="session")
def storage(settings: Settings) -> Iterator[S3Storage]:
    store = S3Storage.from_settings(settings)
    asyncio.run(store.ensure_bucket())
    yield store
    asyncio.run(store.close())


@pytest.fixture
async def importer(uow_factory: UnitOfWorkFactory, storage: S3Storage, settings: Settings) -> Importer:
    return Importer(uow_factory, storage, await new_organisation(uow_factory), settings)


@pytest.fixture
def leading_to() -> Callable[..., Resolve]:
    def resolving(**addresses: str) -> Resolve:
        async def resolve(host: str, port: int) -> list[str]:
            return [addresses[host.partition(".")[0]]]

        return resolve

    return resolving
