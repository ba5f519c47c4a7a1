"""Everything a worker process holds open, built once from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from temporalio.client import Client

from core.adapters.clamd import antivirus_at
from core.adapters.clock import SystemClock
from core.adapters.egress.http import GuardedHttp
from core.adapters.egress.open_sources import open_sources
from core.adapters.egress.policy import egress_policy
from core.adapters.redis_places import open_places
from core.adapters.root_key import open_root_key
from core.adapters.s3 import S3Storage
from core.adapters.speke_client import open_key_source
from core.db.unit_of_work import UnitOfWorkFactory, open_database
from core.domain.media.policy import IngestLimits
from core.ports import (
    Antivirus,
    Clock,
    DeliveryPlaces,
    KeySource,
    ObjectStorage,
    OutboundHttp,
    RootKeyVault,
    Sources,
    WorkflowGateway,
)
from core.services.imports.limits import ImportLimits
from core.services.media.open_tools import open_tools
from core.services.media.tools import MediaTools
from core.services.uploads.start_upload import UploadLimits
from core.settings import Settings
from workflows.gateway import TemporalGateway


@dataclass(frozen=True)
class Services:
    settings: Settings
    uow: UnitOfWorkFactory
    storage: ObjectStorage
    vault: RootKeyVault
    gateway: WorkflowGateway
    clock: Clock
    tools: MediaTools
    limits: IngestLimits
    upload_limits: UploadLimits
    antivirus: Antivirus
    key_source: KeySource | None
    outbound: OutboundHttp
    places: DeliveryPlaces
    sources: Sources
    import_limits: ImportLimits


@asynccontextmanager
async def open_services(settings: Settings, client: Client) -> AsyncIterator[Services]:
    """Open the database pool and everything else; all is closed at the end of the block. Raises KeyUnavailable."""
    storage = S3Storage.from_settings(settings)
    vault = open_root_key(settings)
    # Every slot may write progress while it works.
    async with AsyncExitStack() as closing:
        closing.push_async_callback(storage.close)
        uow = await closing.enter_async_context(open_database(settings.database_url, pool_size=10))
        clock = SystemClock()
        outbound = GuardedHttp(egress_policy(settings))
        closing.push_async_callback(outbound.aclose)
        yield Services(
            settings=settings,
            uow=uow,
            storage=storage,
            vault=vault,
            gateway=TemporalGateway(client),
            clock=clock,
            tools=await open_tools(settings, storage),
            limits=_limits(settings),
            upload_limits=UploadLimits(
                settings.max_source_bytes, settings.protection_scheme, settings.max_stored_bytes
            ),
            antivirus=antivirus_at(settings.clamd_address),
            sources=await closing.enter_async_context(open_sources(settings)),
            import_limits=_import_limits(settings),
            key_source=await closing.enter_async_context(open_key_source(settings, clock)),
            outbound=outbound,
            places=await closing.enter_async_context(open_places(settings)),
        )


def _limits(settings: Settings) -> IngestLimits:
    return IngestLimits(
        max_pixels=settings.max_pixels,
        max_duration=settings.max_duration_seconds,
        max_streams=settings.max_streams,
    )


def _import_limits(settings: Settings) -> ImportLimits:
    imports = settings.imports
    return ImportLimits(
        max_bytes=settings.max_source_bytes,
        longest=timedelta(seconds=imports.longest_seconds),
        patience=timedelta(seconds=imports.patience_seconds),
        least_speed=imports.least_bytes_per_second,
    )
