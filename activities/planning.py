"""The encoding plan, decided once per version and stored: a retry or a newer planner does not change it."""

from __future__ import annotations

from temporalio import activity

from activities.reporting import step_progress
from core.contracts.publish_video import PlanSummary, StepInput
from core.contracts.rekey_video import RekeyVideoInput
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.progress import Step
from core.ports import ObjectStorage
from core.services.media.plan_rekey import plan_rekey
from core.services.media.plan_version import plan_version


class PlanningActivities:
    def __init__(self, uow: UnitOfWorkFactory, storage: ObjectStorage, preset: str) -> None:
        self._uow = uow
        self._storage = storage
        self._preset = preset

    @activity.defn(name="plan_video")
    async def plan_video(self, message: StepInput) -> PlanSummary:
        async with step_progress(self._uow, message.target, Step.PLAN), self._uow() as uow:
            summary = await plan_version(uow, self._storage, message.target, self._preset)
            await uow.commit()
            return summary

    @activity.defn(name="plan_rekey")
    async def plan_rekey(self, message: RekeyVideoInput) -> PlanSummary:
        async with step_progress(self._uow, message.target, Step.PLAN), self._uow() as uow:
            summary = await plan_rekey(uow, self._storage, message.target, message.previous)
            await uow.commit()
            return summary
