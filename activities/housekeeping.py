"""What a crash between a commit and a workflow start leaves open, and what nobody needs any more."""

from __future__ import annotations

from temporalio import activity

from core.contracts.housekeeping import HousekeepingResult
from core.db.unit_of_work import UnitOfWorkFactory
from core.ports import Clock, ObjectStorage, WorkflowGateway
from core.services.idempotency.forget_requests import forget_requests
from core.services.playback.forget_otps import forget_otps
from core.services.uploads.abandon_uploads import abandon_uploads
from core.services.uploads.redrive_queued import redrive_queued
from core.services.videos.redrive_deletions import redrive_deletions
from core.services.webhooks.keep_log import forget_old, restart_lost


class HousekeepingActivities:
    def __init__(self, uow: UnitOfWorkFactory, storage: ObjectStorage, gateway: WorkflowGateway, clock: Clock) -> None:
        self._uow = uow
        self._storage = storage
        self._gateway = gateway
        self._clock = clock

    @activity.defn(name="redrive")
    async def redrive(self) -> HousekeepingResult:
        now = self._clock.now()
        return HousekeepingResult(
            publications=await redrive_queued(self._uow, self._gateway, now),
            deletions=await redrive_deletions(self._uow, self._gateway, now),
            uploads=await abandon_uploads(self._uow, self._storage, now),
            otps=await forget_otps(self._uow, now),
            requests=await forget_requests(self._uow, now),
            deliveries=await restart_lost(self._uow, now),
            forgotten=await forget_old(self._uow, now),
        )
