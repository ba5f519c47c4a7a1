"""`sealcast keys rekey`: give a published video new content keys. Talks to the database and to Temporal."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from uuid import UUID

from rich.console import Console

from cli.failures import CommandFailed
from cli.progress_view import view_for
from cli.serve import settings_or_explain
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory, open_database
from core.domain.errors import NotFound
from core.domain.media.plan import ProtectionScheme
from core.domain.video import VideoState
from core.services.progress.read_progress import VideoProgress, progress_of
from core.services.videos.rekey_video import rekey_video
from workers.client import connect
from workflows.gateway import TemporalGateway

_PUBLISHED = frozenset({VideoState.READY, VideoState.RETIRED})

_INTERVAL = 1.0
"""Seconds between two looks at the progress."""


async def run_rekey(video_id: str, scheme: ProtectionScheme | None, *, wait: bool) -> None:
    """Raises NotFound, Conflict, and CommandFailed when the re-keying that was waited for did not succeed."""
    settings = settings_or_explain()
    async with open_database(settings.database_url, pool_size=1) as factory:
        video_id = _video_id(video_id)
        owner = await _owner(factory, video_id)
        gateway = TemporalGateway(await connect(settings))
        own_keys = settings.speke_url is None
        target = await rekey_video(factory, gateway, owner, video_id, scheme, own_keys=own_keys)
        if wait:
            _tell(await _follow(factory, target))
        else:
            print(f"re-keying {video_id} as version {target.version}; the workers do it")


async def _owner(factory: UnitOfWorkFactory, video_id: str) -> str:
    async with factory() as uow:
        owner = await uow.videos.owner_of(video_id)
    if owner is None:
        raise NotFound(f"There is no video {video_id}.")
    return owner


async def _follow(factory: UnitOfWorkFactory, target: VersionRef) -> VideoProgress:
    """Until the new version is published or given up. The old one may have viewers for hours after that."""
    with view_for(Console(), f"re-keying {target.video_id}") as view:
        while True:
            async with factory() as uow:
                version = await uow.videos.version(target)
                rows = await uow.progress.of_version(target)
            progress = progress_of(version, rows, datetime.now(UTC))
            view.show(asdict(progress))
            if progress.final:
                return progress
            await asyncio.sleep(_INTERVAL)


def _tell(progress: VideoProgress) -> None:
    if progress.status not in _PUBLISHED:
        sentence = progress.failure.sentence if progress.failure else "The old version stays published."
        raise CommandFailed(f"version {progress.version} is {progress.status.value}. {sentence}")
    print(f"published as version {progress.version}; the old version and its keys go when its last session has ended")


def _video_id(text: str) -> str:
    """As it is stored: 32 lower-case hex digits."""
    try:
        return UUID(hex=text).hex
    except ValueError:
        raise CommandFailed("a video's id is 32 hex digits, with or without dashes.") from None
