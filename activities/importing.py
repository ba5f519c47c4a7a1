"""Fetching sources from the addresses that customers gave, on the egress fleet."""

from __future__ import annotations

from temporalio import activity

from activities.reporting import step_progress
from core.contracts.import_video import FetchedSource
from core.contracts.publish_video import StepInput
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.imports import ImportPolicy
from core.domain.progress import Step
from core.ports import Clock, ObjectStorage, Sources
from core.services.imports.fetch_source import fetch_source
from core.services.imports.limits import ImportLimits


class ImportActivities:
    def __init__(
        self,
        uow: UnitOfWorkFactory,
        storage: ObjectStorage,
        sources: Sources,
        clock: Clock,
        policy: ImportPolicy,
        limits: ImportLimits,
    ) -> None:
        self._uow = uow
        self._storage = storage
        self._sources = sources
        self._clock = clock
        self._policy = policy
        self._limits = limits

    @activity.defn(name="fetch_source")
    async def fetch_source(self, message: StepInput) -> FetchedSource:
        async with step_progress(self._uow, message.target, Step.FETCH) as report:
            size = await fetch_source(
                self._uow,
                self._storage,
                self._sources,
                self._clock,
                self._policy,
                self._limits,
                message.target,
                report,
            )
        return FetchedSource(size)
