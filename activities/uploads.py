"""What the object store has and nobody told us, and what uploads leave behind."""

from __future__ import annotations

from temporalio import activity

from activities.reporting import heartbeats
from core.contracts.sweep_uploads import SweepUploadsResult
from core.db.unit_of_work import UnitOfWorkFactory
from core.ports import Clock, ObjectStorage, WorkflowGateway
from core.services.uploads.notice_arrivals import notice_arrivals
from core.services.uploads.resumable.expire_uploads import expire_uploads
from core.services.uploads.resumable.finish_received import finish_received
from core.services.uploads.start_upload import UploadLimits


class UploadActivities:
    def __init__(
        self,
        uow: UnitOfWorkFactory,
        storage: ObjectStorage,
        gateway: WorkflowGateway,
        clock: Clock,
        limits: UploadLimits,
    ) -> None:
        self._uow = uow
        self._storage = storage
        self._gateway = gateway
        self._clock = clock
        self._limits = limits

    @activity.defn(name="sweep_uploads")
    async def sweep_uploads(self) -> SweepUploadsResult:
        now = self._clock.now()
        async with heartbeats():
            return SweepUploadsResult(
                arrived=await notice_arrivals(self._uow, self._storage, self._gateway, self._limits, now),
                finished=await finish_received(self._uow, self._storage, self._gateway, self._clock),
                expired=await expire_uploads(self._uow, self._storage, now),
            )
