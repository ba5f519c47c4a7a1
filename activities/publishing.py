"""The end of a version: published in one transaction, or removed without a trace."""

from __future__ import annotations

from temporalio import activity

from activities.reporting import heartbeats, step_progress
from core.contracts import object_keys
from core.contracts.publish_video import DiscardInput, FailureNote, StepInput
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.progress import Step
from core.ports import KeySource, ObjectStorage, RootKeyVault
from core.services.keys.destroy_content_keys import destroy_content_keys
from core.services.keys.issue_content_keys import issue_content_keys
from core.services.media.stored_plan import load_plan
from core.services.videos.mark_failed import mark_failed
from core.services.videos.publish_version import publish_version


class PublishingActivities:
    def __init__(
        self,
        uow: UnitOfWorkFactory,
        storage: ObjectStorage,
        vault: RootKeyVault,
        key_source: KeySource | None = None,
    ) -> None:
        self._uow = uow
        self._storage = storage
        self._vault = vault
        self._key_source = key_source

    @activity.defn(name="issue_keys")
    async def issue_keys(self, message: StepInput) -> None:
        plan = await load_plan(self._storage, message.target)
        async with self._uow() as uow:
            await issue_content_keys(
                uow.keys,
                self._vault,
                message.target,
                plan.labels,
                plan.scheme,
                source=self._key_source,
                periods=plan.crypto_periods.count,
            )
            await uow.commit()

    @activity.defn(name="publish_version")
    async def publish_version(self, message: StepInput) -> None:
        plan = await load_plan(self._storage, message.target)
        objects = await self._storage.list(object_keys.published_prefix(message.target))
        async with step_progress(self._uow, message.target, Step.PUBLISH), self._uow() as uow:
            await publish_version(uow, message.target, plan, objects)
            await uow.commit()

    @activity.defn(name="remove_work")
    async def remove_work(self, message: StepInput) -> None:
        async with heartbeats():
            await self._storage.delete_prefix(object_keys.interim_prefix(message.target))

    @activity.defn(name="discard_version")
    async def discard_version(self, message: DiscardInput) -> None:
        """Safe when nothing was made, and when it is run again."""
        target = message.target
        prefixes = [object_keys.interim_prefix(target), object_keys.published_prefix(target)]
        if not message.keep_original:
            prefixes = [object_keys.version_prefix(target)]
        async with heartbeats():
            for prefix in prefixes:
                await self._storage.delete_prefix(prefix)
        if message.keep_original:
            return  # it may be tried again, under the same keys: nothing was published with them
        async with self._uow() as uow:
            await destroy_content_keys(uow.keys, target)
            await uow.commit()

    @activity.defn(name="note_failure")
    async def note_failure(self, note: FailureNote) -> None:
        async with self._uow() as uow:
            await mark_failed(uow, note)
            await uow.commit()
