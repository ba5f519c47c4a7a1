"""Steps of replacing and deleting a video."""

from __future__ import annotations

from temporalio import activity

from activities.reporting import heartbeats
from core.contracts import object_keys
from core.contracts.publish_video import StepInput
from core.contracts.video_lifecycle import DeleteVideoInput, SessionsInput, SessionsResult
from core.db.unit_of_work import UnitOfWorkFactory
from core.ports import Clock, ObjectStorage, WorkflowGateway
from core.services.keys.destroy_content_keys import destroy_content_keys
from core.services.playback.sessions_left import sessions_left
from core.services.videos.mark_deleted import mark_deleted
from core.services.videos.removable_objects import removable_objects
from core.services.videos.retire_version import retire_version


class LifecycleActivities:
    def __init__(self, uow: UnitOfWorkFactory, storage: ObjectStorage, gateway: WorkflowGateway, clock: Clock) -> None:
        self._uow = uow
        self._storage = storage
        self._gateway = gateway
        self._clock = clock

    @activity.defn(name="sessions_left")
    async def sessions_left(self, message: SessionsInput) -> SessionsResult:
        async with self._uow() as uow:
            return SessionsResult(await sessions_left(uow, message.target, self._clock.now()))

    @activity.defn(name="retire_version")
    async def retire_version(self, message: StepInput) -> None:
        """The state first: it refuses a version that is being played. A repeat goes on with the objects."""
        async with self._uow() as uow:
            await retire_version(uow, message.target)
            await destroy_content_keys(uow.keys, message.target)
            removable = await removable_objects(uow, message.target)
            await uow.commit()
        async with heartbeats():
            for prefix in removable:
                await self._storage.delete_prefix(prefix)

    @activity.defn(name="stop_processing")
    async def stop_processing(self, message: DeleteVideoInput) -> None:
        async with heartbeats():
            for target in message.targets():
                await self._gateway.cancel_publish(target)
                await self._gateway.wait_for_publish(target)

    @activity.defn(name="purge_video")
    async def purge_video(self, message: DeleteVideoInput) -> None:
        """Objects first: the row that leads to them is the last thing to change."""
        async with heartbeats():
            for target in message.targets():
                await self._storage.delete_prefix(object_keys.version_prefix(target))
            await self._storage.delete_prefix(object_keys.files_prefix(message.organisation_id, message.video_id))
        async with self._uow() as uow:
            for target in message.targets():
                await destroy_content_keys(uow.keys, target)
            await mark_deleted(uow, message.organisation_id, message.video_id)
            await uow.commit()
