"""Give a published video new content keys: the same tracks, published once more as its next version."""

from __future__ import annotations

from uuid import uuid4

import structlog

from core.contracts.version_ref import VersionRef
from core.db.models import Video, VideoVersion
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.drm.rotation_limits import refuse_unfit_period
from core.domain.errors import Conflict
from core.domain.media.plan import ProtectionScheme
from core.domain.video import VideoState
from core.ports import WorkflowGateway, WorkflowsUnavailable
from core.services.uploads.start_workflow import start_workflow
from core.services.videos.next_version import next_version
from core.services.webhooks.tell_video import tell_state

_log = structlog.get_logger(__name__)

_UNDER_WAY = frozenset({VideoState.QUEUED, VideoState.PROCESSING})


async def rekey_video(
    factory: UnitOfWorkFactory,
    gateway: WorkflowGateway,
    organisation_id: str,
    video_id: str,
    scheme: ProtectionScheme | None = None,
    *,
    own_keys: bool = True,
) -> VersionRef:
    """The version that is being made; the same one for everybody who asks while it is. `scheme` None: as before.

    Crypto periods stay as they are; `own_keys` is false when a key service makes the keys. Raises NotFound, Conflict
    unless the video is ready and no other version is on its way, InvalidInput when such keys cannot have the video's
    crypto periods. Commits.
    """
    async with factory() as uow:
        video = await uow.videos.lock(organisation_id, video_id)
        latest = await uow.videos.latest_version(organisation_id, video_id)
        version = _joined(latest, scheme) or await _opened(uow, video, latest, scheme, own_keys=own_keys)
        await uow.commit()
    if version.status is VideoState.QUEUED:
        try:
            await start_workflow(gateway, video, version)
        except WorkflowsUnavailable:
            # Committed; `redrive_queued` starts it when the service is back.
            _log.warning("re-keying not started yet", video_id=video_id, version=version.version)
    return VersionRef(organisation_id, video_id, version.version)


def _joined(latest: VideoVersion, scheme: ProtectionScheme | None) -> VideoVersion | None:
    """The re-keying that is under way, if one is."""
    if latest.rekeyed_from is None or latest.status not in _UNDER_WAY:
        return None
    if scheme not in {None, latest.scheme}:
        raise Conflict(f"The video is being re-keyed under {latest.scheme}; wait for its end or cancel it first.")
    return latest


async def _opened(
    uow: UnitOfWork, video: Video, latest: VideoVersion, scheme: ProtectionScheme | None, *, own_keys: bool
) -> VideoVersion:
    number = next_version(video, latest)
    if video.current_version is None:
        raise Conflict("The video has no published version.")
    current = await uow.videos.version(VersionRef(video.organisation_id, video.id, video.current_version))
    refuse_unfit_period(current.crypto_period_seconds, ProtectionScheme(scheme or current.scheme), own_keys=own_keys)
    version = VideoVersion(
        id=uuid4().hex,
        organisation_id=video.organisation_id,
        video_id=video.id,
        version=number,
        status=VideoState.QUEUED,
        source_filename=current.source_filename,
        source_content_type=current.source_content_type,
        source_key=current.source_key,
        source_size=current.source_size,
        source_sha256=current.source_sha256,
        part_size=current.part_size,
        antivirus=current.antivirus,
        scheme=scheme or current.scheme,
        crypto_period_seconds=current.crypto_period_seconds,
        rekeyed_from=current.version,
        warnings=list(current.warnings),
        facts=current.facts,
    )
    uow.videos.add_version(version)
    await uow.videos.flush()
    await tell_state(uow, video, version)
    return version
