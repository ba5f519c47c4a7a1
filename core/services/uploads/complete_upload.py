"""Finish an upload: join its parts, queue the version, start its publication. Any step may be repeated."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.models import VideoVersion
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict
from core.domain.upload_parts import PartPlan
from core.domain.video import VideoState, ensure_transition
from core.domain.webhooks.event_types import EventType
from core.ports import (
    ObjectNotFound,
    ObjectStorage,
    StorageUnavailable,
    UploadedPart,
    WorkflowGateway,
    WorkflowsUnavailable,
)
from core.services.uploads.start_workflow import start_workflow
from core.services.webhooks.tell_video import tell_state, tell_upload

_log = structlog.get_logger(__name__)

_GIVEN_UP = frozenset({VideoState.CANCELLED, VideoState.DELETING, VideoState.DELETED})

_LISTED = 10
"""How many missing parts the error names."""


async def complete_upload(
    factory: UnitOfWorkFactory,
    storage: ObjectStorage,
    gateway: WorkflowGateway,
    organisation_id: str,
    video_id: str,
) -> VersionRef:
    """The version that is queued now, or was before. Raises NotFound, Conflict for missing parts or a dead upload."""
    async with factory() as uow:
        version = await uow.videos.latest_version(organisation_id, video_id)
    target = VersionRef(organisation_id, video_id, version.version)
    if version.status is VideoState.PRE_UPLOAD:
        # Outside a transaction: joining many parts can take the store a minute.
        await _join(storage, version)
    state = await _queue(factory, gateway, target)
    if state in _GIVEN_UP:
        # Aborted while the parts were being joined: what they became belongs to nobody.
        await storage.delete_prefix(object_keys.version_prefix(target))
        raise Conflict(f"The version is {state.value}.")
    return target


async def _join(storage: ObjectStorage, version: VideoVersion) -> None:
    if version.upload_id is None:
        raise Conflict("The upload was aborted.")
    sent = await _sent(storage, version.source_key, version.upload_id)
    missing = _missing(PartPlan(version.source_size, version.part_size), sent)
    if not missing:
        try:
            await storage.complete_multipart(version.source_key, version.upload_id, sent)
        except ObjectNotFound:
            # Another request was faster, or an earlier one lost its answer.
            missing = [part.number for part in sent]
        except StorageUnavailable:
            # So may this be: radosgw answers 500 to all but one of several at once.
            if not await _is_there(storage, version):
                raise
    if missing and not await _is_there(storage, version):
        names = ", ".join(str(number) for number in missing[:_LISTED])
        raise Conflict(
            f"These parts are missing or have the wrong size: {names}.", code="PARTS_MISSING", fields={"parts": names}
        )


async def _sent(storage: ObjectStorage, key: str, upload_id: str) -> list[UploadedPart]:
    try:
        return await storage.list_parts(key, upload_id)
    except ObjectNotFound:
        return []


def _missing(parts: PartPlan, sent: Sequence[UploadedPart]) -> list[int]:
    """Numbers of parts that are absent, of another size than planned, or too many."""
    sizes = {part.number: part.size for part in sent}
    wrong = [number for number in range(1, parts.count + 1) if sizes.get(number) != parts.size_of(number)]
    return wrong + [number for number in sizes if not 1 <= number <= parts.count]


async def _is_there(storage: ObjectStorage, version: VideoVersion) -> bool:
    try:
        return (await storage.stat(version.source_key)).size == version.source_size
    except ObjectNotFound:
        return False


async def _queue(factory: UnitOfWorkFactory, gateway: WorkflowGateway, target: VersionRef) -> VideoState:
    async with factory() as uow:
        video = await uow.videos.lock(target.organisation_id, target.video_id)
        version = await uow.videos.version(target)
        if version.status is VideoState.PRE_UPLOAD:
            ensure_transition(version.status, VideoState.QUEUED)
            version.status = VideoState.QUEUED
            if video.current_version is None:
                video.status = VideoState.QUEUED
            await tell_upload(uow, EventType.UPLOAD_FINISHED, version)
            await tell_state(uow, video, version)
        await uow.commit()
    if version.status is VideoState.QUEUED:
        try:
            await start_workflow(gateway, video, version)
        except WorkflowsUnavailable:
            # The upload is accepted and committed; `redrive_queued` starts it when the service is back.
            _log.warning("publication not started yet", video_id=target.video_id, version=target.version)
    return version.status
