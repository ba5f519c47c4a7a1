"""Inspection of the source, on the media fleet and inside the sandbox."""

from __future__ import annotations

from temporalio import activity

from activities.reporting import step_progress
from core.contracts.publish_video import InspectionSummary, StepInput
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.media.policy import IngestLimits
from core.domain.progress import Step
from core.ports import Antivirus
from core.services.media.inspect_source import inspect_source
from core.services.media.tools import MediaTools
from core.services.videos.record_inspection import record_inspection


class InspectionActivities:
    def __init__(self, uow: UnitOfWorkFactory, tools: MediaTools, limits: IngestLimits, antivirus: Antivirus) -> None:
        self._uow = uow
        self._tools = tools
        self._limits = limits
        self._antivirus = antivirus

    @activity.defn(name="inspect_source")
    async def inspect_source(self, message: StepInput) -> InspectionSummary:
        async with step_progress(self._uow, message.target, Step.INSPECT) as report:
            summary = await inspect_source(self._tools, message.target, self._limits, self._antivirus, report)
            async with self._uow() as uow:
                await record_inspection(uow, message.target, summary)
                await uow.commit()
            return summary
