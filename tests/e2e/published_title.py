"""A title as the pipeline leaves it: our own packaging, wrapped keys and rows in the database. And the API over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from fastapi import FastAPI

from api.app import create_app
from core.adapters.local_root_key import LocalRootKey
from core.adapters.s3 import S3Storage
from core.adapters.signing_key_file import read_signing_key
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.models import Video, VideoVersion
from core.db.unit_of_work import UnitOfWork, open_database
from core.domain.media.plan import ProtectionScheme
from core.domain.video import VideoState
from core.ports import Clock, ObjectStat
from core.services.keys.issue_content_keys import issue_content_keys
from core.services.keys.unwrap_content_keys import unwrap_content_keys
from core.services.media.package_version import package_version
from core.services.playback.grant import PlaybackGrant
from core.services.playback.open_session import Viewer, open_session
from core.services.playback.signing_keys import SigningKeys
from core.services.videos.publish_version import publish_version
from core.services.videos.record_plan import record_plan
from core.settings import Settings
from tests.e2e.player_site import serve
from tests.fixtures.key_store import TEST_USE
from tests.fixtures.packaged_titles import Title, ignore, make_plan, make_title
from tests.fixtures.recording_gateway import RecordingGateway

FRAMES = 192
"""Eight seconds at 24 frames."""


@dataclass(frozen=True)
class PublishedTitle:
    """`settings` name a migrated database and the key files."""

    title: Title
    settings: Settings

    async def session_token(self) -> str:
        return (await self.open_session()).token

    async def open_session(self, public_url: str = "") -> PlaybackGrant:
        """For an hour, as the route for customers' backends gives it; addresses begin with `public_url`."""
        keys = SigningKeys.derive(read_signing_key(_known(self.settings.signing_key_file)))
        target, now = self.title.target, datetime.now(UTC)
        async with open_database(self.settings.database_url) as database, database() as uow:
            grant = await open_session(
                uow, keys, public_url, target.organisation_id, target.video_id, Viewer(), timedelta(hours=1), now
            )
            await uow.commit()
        return grant

    @contextmanager
    def served(self, clock: Clock | None = None) -> Iterator[str]:
        """The API's address while the block runs."""

        def app(url: str) -> FastAPI:
            settings = self.settings.model_copy(update={"public_url": url})
            return create_app(settings, gateway=RecordingGateway(), clock=clock)

        with serve(app) as url:
            yield url


async def publish_title(settings: Settings, root: Path, scheme: ProtectionScheme) -> PublishedTitle:
    """Encode, package with keys from the database, and switch it live."""
    title = await make_title(root, make_plan(scheme, frames=FRAMES))
    vault = LocalRootKey.from_file(_known(settings.root_key_file))
    async with open_database(settings.database_url) as database:
        async with database() as uow:
            await _add_rows(uow, title)
            await issue_content_keys(uow.keys, vault, title.target, title.plan.labels, scheme)
            title.keys.keys = await unwrap_content_keys(uow.keys, vault, title.target, TEST_USE)
            await uow.commit()
        await package_version(title.tools, title.keys, title.target, ignore)
        objects = await _upload(title, settings)
        async with database() as uow:
            await publish_version(uow, title.target, title.plan, objects)
            await uow.commit()
    return PublishedTitle(title, settings)


async def _upload(title: Title, settings: Settings) -> list[ObjectStat]:
    """Move what was packaged to the real object store, which the API reads."""
    store = S3Storage.from_settings(settings)
    await store.ensure_bucket()
    for item in await title.storage.list(object_keys.published_prefix(title.target)):
        await store.put_file(item.key, title.storage.root / item.key, item.content_type)
    stored = await store.list(object_keys.published_prefix(title.target))
    await store.close()
    return stored


async def _add_rows(uow: UnitOfWork, title: Title) -> None:
    target = title.target
    await uow.organisations.ensure(target.organisation_id, f"e2e-{target.organisation_id[:12]}", "End to end")
    belongs = {"organisation_id": target.organisation_id, "status": VideoState.PROCESSING}
    uow.videos.add(Video(id=target.video_id, title="Real API, real packaging", **belongs))
    await uow.videos.flush()
    uow.videos.add_version(_version(target, belongs))
    await uow.videos.flush()
    await record_plan(uow, target, title.plan)


def _version(target: VersionRef, belongs: dict[str, object]) -> VideoVersion:
    return VideoVersion(
        id=uuid4().hex,
        video_id=target.video_id,
        version=target.version,
        source_filename="clip.mkv",
        source_key=object_keys.original(target),
        source_size=1,
        part_size=1,
        scheme="cbcs",
        **belongs,
    )


def _known(path: Path | None) -> Path:
    assert path is not None
    return path
