"""A title as the pipeline leaves it: our own packaging, wrapped keys and rows in the database. And the API over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from fastapi import FastAPI

from api.app import create_app
from core.adapters.local_root_key import LocalRootKey
from core.adapters.redis_leases import open_leases
from core.adapters.s3 import S3Storage
from core.adapters.signing_key_file import read_signing_key
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.models import Video, VideoVersion
from core.db.unit_of_work import UnitOfWork, open_database
from core.domain.access.otp_request import otp_policy
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.domain.video import VideoState
from core.ports import Clock, ObjectStat, ViewerRef
from core.services.keys.issue_content_keys import issue_content_keys
from core.services.keys.unwrap_content_keys import unwrap_content_keys
from core.services.media.package_version import package_version
from core.services.playback.grant import PlaybackGrant
from core.services.playback.issue_otp import IssuedOtp, issue_otp
from core.services.playback.redeem_otp import redeem_otp
from core.services.playback.redeem_request import RedeemRequest
from core.services.playback.signing_keys import SigningKeys
from core.services.videos.publish_version import publish_version
from core.services.videos.record_plan import record_plan
from core.services.viewers.end_sessions import end_sessions
from core.settings import Settings
from tests.e2e.player_site import serve
from tests.fixtures.key_store import TEST_USE
from tests.fixtures.packaged_titles import Title, ignore, make_plan, make_title
from tests.fixtures.recording_gateway import RecordingGateway

FRAMES = 192
"""Eight seconds at 24 frames."""


SD_ONLY: dict[str, Any] = {"licenseRules": {"allowedTracks": ["AUDIO", "SD"]}}
"""Fields of an OTP request."""


@dataclass(frozen=True)
class PublishedTitle:
    """`settings` name a migrated database and the key files."""

    title: Title
    settings: Settings

    async def session_token(self, **policy: Any) -> str:
        return (await self.open_session(**policy)).token

    async def otp(self, **policy: Any) -> IssuedOtp:
        """As a customer's backend asks for it; `policy` holds fields of the OTP request."""
        target = self.title.target
        async with open_database(self.settings.database_url) as database, database() as uow:
            issued = await issue_otp(
                uow, None, target.organisation_id, target.video_id, otp_policy(policy), datetime.now(UTC)
            )
            await uow.commit()
        return issued

    async def open_session(self, public_url: str = "", **policy: Any) -> PlaybackGrant:
        """For an hour, by an OTP, as a player gets it; addresses begin with `public_url`."""
        keys = SigningKeys.derive(read_signing_key(_known(self.settings.signing_key_file)))
        issued = await self.otp(**policy)
        asked = RedeemRequest(issued.otp, issued.playback_info)
        async with (
            open_leases(self.settings) as leases,
            open_database(self.settings.database_url) as database,
            database() as uow,
        ):
            now = datetime.now(UTC)
            grant = await redeem_otp(uow, keys, None, leases, public_url, asked, timedelta(hours=1), now)
            await uow.commit()
        return grant

    async def end_sessions(self, viewer_id: str) -> int:
        """As a customer's backend does."""
        viewer = ViewerRef(self.title.target.organisation_id, viewer_id)
        async with open_database(self.settings.database_url) as database, database() as uow:
            ended = await end_sessions(uow, viewer, datetime.now(UTC))
            await uow.commit()
        return ended

    def kids(self, *labels: KeyLabel) -> set[str]:
        """Of all their crypto periods."""
        return {key.kid for label, first in self.title.keys.keys.items() if label in labels for key in first.periods}

    @contextmanager
    def served(self, clock: Clock | None = None, **settings: Any) -> Iterator[str]:
        """The API's address while the block runs, with some settings of its own."""

        def app(url: str) -> FastAPI:
            settings_here = self.settings.model_copy(update={"public_url": url, **settings})
            return create_app(settings_here, gateway=RecordingGateway(), clock=clock)

        with serve(app) as url:
            yield url


async def publish_title(
    settings: Settings, root: Path, scheme: ProtectionScheme, *, crypto_period_seconds: int | None = None
) -> PublishedTitle:
    """Encode, package with keys from the database, and switch it live."""
    plan = make_plan(scheme, frames=FRAMES, crypto_period_seconds=crypto_period_seconds)
    title = await make_title(root, plan)
    vault = LocalRootKey.from_file(_known(settings.root_key_file))
    async with open_database(settings.database_url) as database:
        async with database() as uow:
            await _add_rows(uow, title)
            periods = plan.crypto_periods.count
            await issue_content_keys(uow.keys, vault, title.target, plan.labels, scheme, periods=periods)
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
