"""Leases on a real Valkey, beside sessions in a real PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import redis.asyncio

from core.adapters.redis_leases import RedisLeases, open_leases
from core.contracts.version_ref import VersionRef
from core.db.models import Video, VideoVersion
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.errors import DomainError
from core.domain.playback.session_policy import SessionPolicy
from core.domain.video import VideoState
from core.ports import ViewerRef
from core.services.playback.open_session import Viewer, open_session
from core.services.playback.signing_keys import SigningKeys
from core.settings import Settings
from tests.fixtures.database import database_url, new_organisation, uow_factory

__all__ = ["database_url", "uow_factory"]

KEYS = SigningKeys.derive(bytes(32))


@dataclass(frozen=True)
class Cinema:
    """One playable video, and viewers who want to see it."""

    uow: UnitOfWorkFactory
    leases: RedisLeases
    target: VersionRef

    def viewer(self) -> ViewerRef:
        """One whom nobody else uses."""
        return ViewerRef(self.target.organisation_id, uuid4().hex)

    async def enter(self, uow: UnitOfWork, viewer: ViewerRef, policy: SessionPolicy, device: str | None = None) -> str:
        """The session's id, not yet committed."""
        grant = await open_session(
            uow,
            KEYS,
            "",
            self.target.organisation_id,
            self.target.video_id,
            Viewer(viewer_id=viewer.viewer_id, device_id=device),
            timedelta(hours=1),
            datetime.now(UTC),
            policy=policy,
            leases=self.leases,
        )
        return grant.session_id

    async def open(self, viewer: ViewerRef, policy: SessionPolicy, device: str | None = None) -> str:
        """ "granted", or the code of the refusal."""
        async with self.uow() as uow:
            try:
                await self.enter(uow, viewer, policy, device)
            except DomainError as error:
                return error.code
            await uow.commit()
        return "granted"

    async def playing(self, viewer: ViewerRef) -> int:
        async with self.uow() as uow:
            return len(await uow.sessions.open_streams(viewer, datetime.now(UTC)))


@pytest.fixture
async def leases(settings: Settings) -> AsyncIterator[RedisLeases]:
    """A lease of 30 s, records that lag by 60 s at most."""
    async with open_leases(settings) as opened:
        yield opened


@pytest.fixture
async def valkey(settings: Settings) -> AsyncIterator[redis.asyncio.Redis]:
    """For tests that look, or destroy."""
    client = redis.asyncio.from_url(settings.redis_url, decode_responses=True)
    yield client
    await client.aclose()


@pytest.fixture
async def cinema(uow_factory: UnitOfWorkFactory, leases: RedisLeases) -> Cinema:
    target = VersionRef(await new_organisation(uow_factory), uuid4().hex, 1)
    async with uow_factory() as uow:
        uow.videos.add(
            Video(
                id=target.video_id,
                organisation_id=target.organisation_id,
                title="x",
                status=VideoState.READY,
                current_version=1,
            )
        )
        await uow.videos.flush()
        uow.videos.add_version(
            VideoVersion(
                id=uuid4().hex,
                organisation_id=target.organisation_id,
                video_id=target.video_id,
                version=1,
                status=VideoState.READY,
                source_filename="x.mp4",
                source_key="x",
                source_size=1,
                part_size=8,
                scheme="cbcs",
            )
        )
        await uow.commit()
    return Cinema(uow_factory, leases, target)
