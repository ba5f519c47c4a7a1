"""Announce an upload: the rows are there before the first byte is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import uuid4

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.models import Video, VideoVersion
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.drm.rotation_limits import refuse_unfit_period
from core.domain.errors import InvalidInput
from core.domain.media.plan import ProtectionScheme
from core.domain.upload_parts import PartPlan, plan_parts
from core.domain.webhooks.event_types import EventType
from core.ports import ObjectStorage
from core.services.uploads.quota import refuse_over_quota
from core.services.webhooks.tell_video import tell_upload

_CONTENT_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,99}/[a-z0-9][a-z0-9!#$&^_.+-]{0,99}", re.IGNORECASE)


@dataclass(frozen=True)
class SourceFile:
    """What the uploader says about the file; nothing of it is believed. `size` in bytes, `sha256` in hex."""

    filename: str
    size: int
    content_type: str = "application/octet-stream"
    sha256: str | None = None


@dataclass(frozen=True)
class UploadLimits:
    """How to protect it, and what may be sent. `own_keys` is false when a key service makes the keys.

    `max_stored_bytes` is what the organisation's originals may hold together; None is no limit.
    """

    max_source_bytes: int
    scheme: str
    max_stored_bytes: int | None = None
    crypto_period_seconds: int | None = None
    own_keys: bool = True


@dataclass(frozen=True)
class StartedUpload:
    target: VersionRef
    parts: PartPlan


async def start_upload(
    factory: UnitOfWorkFactory,
    storage: ObjectStorage,
    organisation_id: str,
    title: str,
    description: str,
    source: SourceFile,
    limits: UploadLimits,
) -> StartedUpload:
    """Raises InvalidInput for a file that is too large or has no room, or a crypto period that cannot be. Commits."""
    refuse_unfit(source, limits)
    target = VersionRef(organisation_id, uuid4().hex, 1)
    async with factory() as uow:
        await refuse_over_quota(uow, organisation_id, source.size, limits.max_stored_bytes)
        uow.videos.add(Video(id=target.video_id, organisation_id=organisation_id, title=title, description=description))
        await uow.videos.flush()
        started = await open_version(uow, storage, target, source, limits)
        await uow.commit()
    return started


async def open_version(
    uow: UnitOfWork, storage: ObjectStorage, target: VersionRef, source: SourceFile, limits: UploadLimits
) -> StartedUpload:
    """Add the version's row and open its multipart upload. The caller commits."""
    parts = plan_parts(source.size)
    key = object_keys.original(target)
    version = VideoVersion(
        id=uuid4().hex,
        organisation_id=target.organisation_id,
        video_id=target.video_id,
        version=target.version,
        source_filename=source.filename,
        source_content_type=source.content_type,
        source_key=key,
        source_size=source.size,
        source_sha256=source.sha256,
        part_size=parts.part_size,
        scheme=limits.scheme,
        crypto_period_seconds=limits.crypto_period_seconds,
        upload_id=await storage.create_multipart(key, source.content_type),
    )
    uow.videos.add_version(version)
    await uow.videos.flush()
    await tell_upload(uow, EventType.UPLOAD_CREATED, version)
    return StartedUpload(target, parts)


def refuse_unfit(source: SourceFile, limits: UploadLimits) -> None:
    """What can be known before the first byte. The rest is for inspection."""
    if source.size > limits.max_source_bytes:
        text = f"The file is larger than the {limits.max_source_bytes} bytes that are accepted."
        raise InvalidInput(text, code="FILE_TOO_LARGE", fields={"size": text})
    if not _CONTENT_TYPE.fullmatch(source.content_type):
        raise InvalidInput("That is not a media type.", fields={"content_type": "not a media type"})
    refuse_unfit_period(limits.crypto_period_seconds, ProtectionScheme(limits.scheme), own_keys=limits.own_keys)
