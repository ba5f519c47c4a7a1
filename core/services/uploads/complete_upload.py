"""Finish an upload: join its parts, queue the version, start its publication. Any step may be repeated."""

from __future__ import annotations

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict
from core.domain.upload_parts import PartPlan
from core.domain.video import VideoState
from core.ports import ObjectStorage, WorkflowGateway
from core.services.uploads.join_parts import OpenMultipart, join_parts
from core.services.uploads.queue_version import queue_version

_GIVEN_UP = frozenset({VideoState.CANCELLED, VideoState.DELETING, VideoState.DELETED})


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
        if version.upload_id is None:
            raise Conflict("There is nothing to complete: the file comes in one piece, which we notice by ourselves.")
        parts = PartPlan(version.source_size, version.part_size)
        # Outside a transaction: joining many parts can take the store a minute.
        await join_parts(storage, OpenMultipart(version.source_key, version.upload_id, parts))
    state = await queue_version(factory, gateway, target)
    if state in _GIVEN_UP:
        # Aborted while the parts were being joined: what they became belongs to nobody.
        await storage.delete_prefix(object_keys.version_prefix(target))
        raise Conflict(f"The version is {state.value}.")
    return target
