"""One video version from a complete upload to a published, protected stream."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, ApplicationErrorCategory, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.ingest import IngestActivities
    from activities.inspection import InspectionActivities
    from activities.packaging import PackagingActivities
    from activities.planning import PlanningActivities
    from activities.publishing import PublishingActivities
    from activities.transcoding import TranscodingActivities
    from core.contracts import search_attributes
    from core.contracts.publish_video import (
        ChunkInput,
        DiscardInput,
        FailureNote,
        PlanSummary,
        PublishVideoInput,
        PublishVideoResult,
        StageView,
        StepInput,
        TrackInput,
    )
    from core.domain.failures import OUR_FAULT, FailureCode
    from core.domain.progress import Step
    from core.domain.video import VideoState
    from workflows import options
    from workflows.failures import failure_of
    from workflows.saga import all_or_none, cancellable, past_cancel, to_the_end


@workflow.defn(name="PublishVideo")
class PublishVideo:
    """Ends Completed (ready), Failed (type = the failure code) or Cancelled; the last two leave nothing behind."""

    @workflow.init
    def __init__(self, message: PublishVideoInput) -> None:
        self._target = message.target
        self._step = StepInput(message.target)
        self._window = asyncio.Semaphore(message.window)
        self._view = StageView(stage="queued")

    @workflow.query
    def progress(self) -> StageView:
        return self._view

    @workflow.run
    async def run(self, _: PublishVideoInput) -> PublishVideoResult:
        try:
            # Refused (a version that is already published, say): nothing was made, nothing is undone.
            await to_the_end(self._begin())
        except asyncio.CancelledError as cancel:
            raise await self._given_up(cancel) from cancel
        try:
            plan = await self._make()
            # The point of no return: from here on viewers may watch this version.
            await past_cancel(self._switch())
        except BaseException as error:
            if not (is_cancelled_exception(error) or workflow.is_failure_exception(error)):
                raise  # a bug in this code or an eviction: the workflow task is retried, nothing is undone
            raise await self._given_up(error) from error
        await past_cancel(self._tidy_up())
        return PublishVideoResult(self._target, VideoState.READY.value, plan.duration, plan.renditions)

    async def _begin(self) -> None:
        await workflow.execute_activity_method(
            IngestActivities.begin_publish, self._step, **options.database("mark as processing")
        )

    async def _make(self) -> PlanSummary:
        self._enter(Step.INGEST)
        await cancellable(
            workflow.execute_activity_method(
                IngestActivities.confirm_upload, self._step, **options.database("check the uploaded object")
            )
        )
        self._enter(Step.INSPECT)
        await cancellable(
            workflow.execute_activity_method(
                InspectionActivities.inspect_source,
                self._step,
                **options.media("probe, scan and test-decode the source"),
            )
        )
        self._enter(Step.PLAN)
        plan = await cancellable(
            workflow.execute_activity_method(
                PlanningActivities.plan_video, self._step, **options.database("choose ladder, chunks and key labels")
            )
        )
        await self._transcode(plan)
        await self._assemble(plan)
        await self._protect(plan)
        return plan

    async def _switch(self) -> None:
        self._enter(Step.PUBLISH)
        await workflow.execute_activity_method(
            PublishingActivities.publish_version, self._step, **options.database("switch players to this version")
        )

    async def _tidy_up(self) -> None:
        """A published video stays published, whatever becomes of its intermediate objects."""
        try:
            await workflow.execute_activity_method(
                PublishingActivities.remove_work, self._step, **options.storage("remove intermediate objects")
            )
        except ActivityError:
            workflow.logger.exception("intermediate objects stayed behind")
        self._enter(None)

    async def _given_up(self, error: BaseException) -> BaseException:
        """Undo what was made; with what the run has to end, failed or cancelled."""
        # A step that fails while it is being cancelled is not tried again: that says nothing about the video.
        cancelled = is_cancelled_exception(error) or workflow.cancellation_reason() is not None
        code, detail = (FailureCode.CANCELLED, "") if cancelled else failure_of(error)
        await to_the_end(self._undo(code, detail))
        if cancelled:
            return asyncio.CancelledError()
        return ApplicationError(detail, type=code.value, non_retryable=True, category=ApplicationErrorCategory.BENIGN)

    async def _transcode(self, plan: PlanSummary) -> None:
        self._enter(Step.TRANSCODE, chunks=plan.chunks)
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
        self._view = StageView(self._view.stage, self._view.chunks_done + 1, self._view.chunks)
        self._describe()

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
        self._enter(Step.ASSEMBLE, chunks=plan.chunks, done=plan.chunks)
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

    async def _protect(self, plan: PlanSummary) -> None:
        self._enter(Step.PACKAGE)
        await cancellable(
            workflow.execute_activity_method(
                PublishingActivities.issue_keys, self._step, **options.database("issue content keys")
            )
        )
        await cancellable(
            workflow.execute_activity_method(
                PackagingActivities.package, self._step, **options.media("package and encrypt", plan.duration)
            )
        )
        self._enter(Step.VERIFY)
        await cancellable(
            workflow.execute_activity_method(
                PackagingActivities.verify,
                self._step,
                **options.media("decrypt and compare every rendition", plan.duration),
            )
        )

    async def _undo(self, code: FailureCode, detail: str) -> None:
        """Objects first, state last: whoever sees the final state finds nothing left."""
        await workflow.execute_activity_method(
            PublishingActivities.discard_version,
            DiscardInput(self._target, keep_original=code in OUR_FAULT),
            **options.storage("remove what was made"),
        )
        state = VideoState.CANCELLED if code is FailureCode.CANCELLED else VideoState.FAILED
        await workflow.execute_activity_method(
            PublishingActivities.note_failure,
            FailureNote(self._target, state.value, code.value, detail),
            **options.database(f"record {code.value}"),
        )
        self._view = StageView(code.value)
        self._describe()

    def _enter(self, step: Step | None, chunks: int = 0, done: int = 0) -> None:
        stage = step.value if step else "ready"
        self._view = StageView(stage, done, chunks)
        workflow.upsert_search_attributes([search_attributes.STAGE.value_set(stage)])
        self._describe()

    def _describe(self) -> None:
        text = f"**{self._view.stage}**"
        if self._view.chunks:
            text += f": {self._view.chunks_done} of {self._view.chunks} chunks"
        workflow.set_current_details(text)
