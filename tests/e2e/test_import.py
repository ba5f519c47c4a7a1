"""Videos from addresses, with the platform's own processes."""

from __future__ import annotations

import asyncio
import os
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path

import psutil
import pytest
from temporalio.client import Client

from core.contracts import workflow_ids
from core.contracts.version_ref import VersionRef
from core.db.models import VideoVersion
from core.db.unit_of_work import UnitOfWorkFactory, open_database
from core.domain.egress.destination import EgressPolicy
from core.domain.imports import ImportPolicy
from core.domain.video import VideoState
from core.services.imports.start_import import start_import
from core.services.uploads.new_video import NewVideo
from core.services.uploads.start_upload import UploadLimits
from core.services.videos.cancel_processing import cancel_processing
from tests.fixtures.clips import make_clip
from tests.fixtures.database import new_organisation
from tests.fixtures.platform import Platform
from tests.fixtures.processes import Process
from tests.fixtures.source_server import SourceServer, Zeros, source_server
from workers.client import connect
from workflows.gateway import TemporalGateway

pytestmark = pytest.mark.stack

PART = 8 * 1024**2
FULL = os.environ.get("SEALCAST_CAMPAIGN") == "full"
ENDED = frozenset({VideoState.READY, VideoState.FAILED, VideoState.CANCELLED})


@dataclass
class Importing:
    platform: Platform
    client: Client
    uow: UnitOfWorkFactory
    source: SourceServer
    worker: Process

    def start_worker(self) -> None:
        self.worker = start_worker(self.platform, self.source.port)

    async def start(self, path: str = "/film.mp4?token=canary-77aa") -> VersionRef:
        organisation_id = await new_organisation(self.uow)
        policy = ImportPolicy(EgressPolicy((ip_network("127.0.0.1/32"),), ports=None))
        gateway, limits = TemporalGateway(self.client), UploadLimits(10**10, "cbcs")
        video = await start_import(
            self.uow, gateway, policy, limits, organisation_id, self.source.url(path), NewVideo()
        )
        return VersionRef(organisation_id, video.id, 1)

    async def until(self, target: VersionRef, reached: Callable[[VideoVersion], bool], seconds: float = 240) -> None:
        async with asyncio.timeout(seconds):
            while True:
                async with self.uow() as uow:
                    version = await uow.videos.version(target)
                if reached(version):
                    return
                await asyncio.sleep(0.1)

    async def stored_something(self, target: VersionRef) -> bool:
        async with self.uow() as uow:
            return (await uow.imports.lock(target)).progressed_at is not None

    async def history(self, workflow_id: str) -> str:
        return (await self.client.get_workflow_handle(workflow_id).fetch_history()).to_json()


def start_worker(platform: Platform, port: int) -> Process:
    own = {"SEALCAST_EGRESS_ALLOW_NETWORKS": "127.0.0.1/32", "SEALCAST_EGRESS_PORTS": str(port)}
    worker = Process(["worker", "egress"], {**platform.environment, **own}, platform.logs / f"egress-{port}.log")
    worker.wait_until('"polling"')
    return worker


@asynccontextmanager
async def importing(platform: Platform, data: bytes | Zeros) -> AsyncIterator[Importing]:
    client = await connect(platform.settings)
    async with open_database(platform.settings.database_url) as uow, source_server(data) as source:
        site = Importing(platform, client, uow, source, start_worker(platform, source.port))
        try:
            yield site
        finally:
            site.worker.stop()


async def test_a_killed_worker_costs_less_than_a_part_and_the_video_is_published_once(
    platform: Platform, tmp_path: Path
) -> None:
    padding = os.urandom(2 * PART)
    clip = make_clip(tmp_path / "clip.mp4", seconds=2, size="320x180").read_bytes()
    data = clip + struct.pack(">I4s", len(padding) + 8, b"free") + padding
    async with importing(platform, data) as site:
        go_on = asyncio.Event()

        async def stop_in_the_second_part(at: int) -> None:
            if at > PART + 2_000_000:
                await go_on.wait()

        site.source.before_piece = stop_in_the_second_part
        target = await site.start()
        async with asyncio.timeout(60):
            while not await site.stored_something(target):  # noqa: ASYNC110 - told by another process
                await asyncio.sleep(0.1)
        site.worker.kill()
        go_on.set()
        site.start_worker()
        await site.until(target, lambda version: version.status in ENDED)
        await site.until(target, lambda version: version.status is VideoState.READY, 1)
        assert site.source.starts == [0, PART]
        histories = [
            await site.history(workflow_id)
            for workflow_id in (workflow_ids.import_video(target), workflow_ids.publish_video(target))
        ]
        assert not any("canary" in history or str(site.source.port) in history for history in histories)
        assert "canary" not in platform.all_logs()


async def test_a_cancelled_import_leaves_nothing(platform: Platform) -> None:
    async with importing(platform, Zeros(4 * PART)) as site:
        reached = asyncio.Event()

        async def hold(at: int) -> None:
            if at > PART + 2_000_000:
                reached.set()
                await asyncio.Event().wait()

        site.source.before_piece = hold
        target = await site.start()
        await asyncio.wait_for(reached.wait(), 60)
        gateway = TemporalGateway(site.client)
        await cancel_processing(site.uow, None, gateway, target.organisation_id, target.video_id)  # type: ignore[arg-type]
        await site.until(target, lambda version: version.status is VideoState.CANCELLED)
        async with site.uow() as uow:
            assert (await uow.imports.lock(target)).url is None


@pytest.mark.campaign
@pytest.mark.timeout(0 if FULL else 300)
async def test_memory_stays_flat_however_large_the_source(platform: Platform) -> None:
    """At full length 20 GB; twice as much as the memory allowed otherwise."""
    async with importing(platform, Zeros(20 * 1024**3 if FULL else 200 * 1024**2)) as site:
        process = psutil.Process(site.worker.pid)
        before, most = process.memory_info().rss, 0
        target = await site.start()

        def fetched(version: VideoVersion) -> bool:
            nonlocal most
            most = max(most, process.memory_info().rss)
            return not version.import_pending

        await site.until(target, fetched, 6 * 3600)
        assert most - before < 100 * 1024**2
        # No video: it goes by itself.
        await site.until(target, lambda version: version.status is VideoState.FAILED)
