"""The first steps: take the version up, and make sure that its upload is really there."""

from __future__ import annotations

from temporalio import activity

from activities.reporting import step_progress
from core.contracts.publish_video import StepInput
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.progress import Step
from core.ports import ObjectStorage
from core.services.uploads.confirm_upload import confirm_upload
from core.services.videos.set_processing import set_processing


class IngestActivities:
    def __init__(self, uow: UnitOfWorkFactory, storage: ObjectStorage) -> None:
        self._uow = uow
        self._storage = storage

    @activity.defn(name="begin_publish")
    async def begin_publish(self, message: StepInput) -> None:
        async with self._uow() as uow:
            await set_processing(uow, message.target)
            await uow.commit()

    @activity.defn(name="confirm_upload")
    async def confirm_upload(self, message: StepInput) -> None:
        async with step_progress(self._uow, message.target, Step.INGEST), self._uow() as uow:
            await confirm_upload(uow, self._storage, message.target)
