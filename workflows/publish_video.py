"""One video version from a complete upload to a published, protected stream."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.ingest import IngestActivities
    from activities.inspection import InspectionActivities
    from activities.planning import PlanningActivities
    from activities.transcoding import TranscodingActivities
    from core.contracts.publish_video import (
        ChunkInput,
        PlanSummary,
        PublishVideoInput,
        PublishVideoResult,
        StageView,
        TrackInput,
    )
    from core.domain.progress import Step
    from core.domain.video import VideoState
    from workflows import options
    from workflows.saga import all_or_none, cancellable
    from workflows.version_run import VersionRun


@workflow.defn(name="PublishVideo")
class PublishVideo:
    """Ends Completed (ready), Failed (type = the failure code) or Cancelled; the last two leave nothing behind."""

    @workflow.init
    def __init__(self, message: PublishVideoInput) -> None:
        self._target = message.target
        self._version = VersionRun(message.target, can_be_retried=True)
        self._step = self._version.step
        self._window = asyncio.Semaphore(message.window)

    @workflow.query
    def progress(self) -> StageView:
        return self._version.view

    @workflow.run
    async def run(self, _: PublishVideoInput) -> PublishVideoResult:
        plan = await self._version.to_ready(self._make)
        return PublishVideoResult(self._target, VideoState.READY.value, plan.duration, plan.renditions)

    async def _make(self) -> PlanSummary:
        self._version.enter(Step.INGEST)
        await cancellable(
            workflow.execute_activity_method(
                IngestActivities.confirm_upload, self._step, **options.database("check the uploaded object")
            )
        )
        self._version.enter(Step.INSPECT)
        await cancellable(
            workflow.execute_activity_method(
                InspectionActivities.inspect_source,
                self._step,
                **options.media("probe, scan and test-decode the source"),
            )
        )
        self._version.enter(Step.PLAN)
        plan = await cancellable(
            workflow.execute_activity_method(
                PlanningActivities.plan_video, self._step, **options.database("choose ladder, chunks and key labels")
            )
        )
        await self._transcode(plan)
        await self._assemble(plan)
        await self._version.protect(plan)
        return plan

    async def _transcode(self, plan: PlanSummary) -> None:
        self._version.enter(Step.TRANSCODE, chunks=plan.chunks)
        if plan.index_source:
            await cancellable(
                workflow.execute_activity_method(
                    TranscodingActivities.index_source,
                    self._step,
                    **options.media("remux for exact seeks", plan.duration),
                )
            )
        units: list[Coroutine[Any, Any, None]] = []
        units += [self._transcode_audio(name, plan.duration) for name in plan.audio]
        units += [self._extract_subtitle(name) for name in plan.subtitles]
        units += [self._transcode_chunk(index, plan) for index in plan.chunk_order]
        await cancellable(all_or_none(units))

    async def _transcode_chunk(self, index: int, plan: PlanSummary) -> None:
        async with self._window:
            await workflow.execute_activity_method(
                TranscodingActivities.transcode_chunk,
                ChunkInput(self._target, index),
                **options.chunk(f"chunk {index}, all renditions", plan.chunk_seconds, plan.chunks),
            )
        self._version.chunk_done()

    async def _transcode_audio(self, name: str, seconds: float) -> None:
        async with self._window:
            await workflow.execute_activity_method(
                TranscodingActivities.transcode_audio,
                TrackInput(self._target, name),
                **options.media(f"{name}, whole length", seconds),
            )

    async def _extract_subtitle(self, name: str) -> None:
        async with self._window:
            await workflow.execute_activity_method(
                TranscodingActivities.extract_subtitle,
                TrackInput(self._target, name),
                **options.media(f"{name} to WebVTT"),
            )

    async def _assemble(self, plan: PlanSummary) -> None:
        if not plan.chunks:
            return
        self._version.enter(Step.ASSEMBLE, chunks=plan.chunks, done=plan.chunks)
        await cancellable(
            workflow.execute_activity_method(
                TranscodingActivities.assemble, self._step, **options.media("join chunks and check them", plan.duration)
            )
        )
        if plan.storyboard:
            await cancellable(
                workflow.execute_activity_method(
                    TranscodingActivities.make_storyboard, self._step, **options.media("posters and storyboard")
                )
            )
