"""How a version comes to be, whatever it is made from: taken up, made, published; or undone without a trace."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, ApplicationErrorCategory, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.ingest import IngestActivities
    from activities.packaging import PackagingActivities
    from activities.publishing import PublishingActivities
    from core.contracts import search_attributes
    from core.contracts.publish_video import DiscardInput, FailureNote, PlanSummary, StageView, StepInput
    from core.contracts.version_ref import VersionRef
    from core.domain.failures import OUR_FAULT, FailureCode
    from core.domain.progress import Step
    from core.domain.video import VideoState
    from workflows import options
    from workflows.failures import failure_of
    from workflows.saga import cancellable, past_cancel, to_the_end

T = TypeVar("T")


class VersionRun:
    """`can_be_retried`: after a failure of ours, keys and original stay, for the same version to be tried again."""

    def __init__(self, target: VersionRef, *, can_be_retried: bool) -> None:
        self.step = StepInput(target)
        self.view = StageView(stage="queued")
        self._target = target
        self._can_be_retried = can_be_retried

    async def to_ready(self, make: Callable[[], Coroutine[Any, Any, PlanSummary]]) -> PlanSummary:
        """What `make` returned, when the version is published. Raises what the run has to end with otherwise."""

        async def make_and_switch() -> PlanSummary:
            plan = await make()
            # The point of no return: from here on viewers may watch this version.
            await past_cancel(self._switch())
            return plan

        plan = await self.take_up(make_and_switch)
        await past_cancel(self._tidy_up())
        return plan

    async def take_up(self, make: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `make` returned. Otherwise all is undone, and what the run has to end with is raised."""
        try:
            # Refused (a version that is already published, say): nothing was made, nothing is undone.
            await to_the_end(self._begin())
        except asyncio.CancelledError as cancel:
            raise await self._given_up(cancel) from cancel
        try:
            return await make()
        except (Exception, asyncio.CancelledError) as error:
            if not (is_cancelled_exception(error) or workflow.is_failure_exception(error)):
                raise  # a bug in this code: the workflow task is retried, nothing is undone
            raise await self._given_up(error) from error

    async def protect(self, plan: PlanSummary) -> None:
        """From mezzanines to what players fetch, and the proof that it is that."""
        self.enter(Step.PACKAGE)
        await cancellable(
            workflow.execute_activity_method(
                PublishingActivities.issue_keys, self.step, **options.database("issue content keys")
            )
        )
        await cancellable(
            workflow.execute_activity_method(
                PackagingActivities.package, self.step, **options.media("package and encrypt", plan.duration)
            )
        )
        self.enter(Step.VERIFY)
        await cancellable(
            workflow.execute_activity_method(
                PackagingActivities.verify,
                self.step,
                **options.media("decrypt and compare every rendition", plan.duration),
            )
        )

    def enter(self, step: Step | None, chunks: int = 0, done: int = 0) -> None:
        stage = step.value if step else "ready"
        self.view = StageView(stage, done, chunks)
        workflow.upsert_search_attributes([search_attributes.STAGE.value_set(stage)])
        self._describe()

    def chunk_done(self) -> None:
        self.view = StageView(self.view.stage, self.view.chunks_done + 1, self.view.chunks)
        self._describe()

    async def _begin(self) -> None:
        await workflow.execute_activity_method(
            IngestActivities.begin_publish, self.step, **options.database("mark as processing")
        )

    async def _switch(self) -> None:
        self.enter(Step.PUBLISH)
        await workflow.execute_activity_method(
            PublishingActivities.publish_version, self.step, **options.database("switch players to this version")
        )

    async def _tidy_up(self) -> None:
        """A published video stays published, whatever becomes of its intermediate objects."""
        try:
            await workflow.execute_activity_method(
                PublishingActivities.remove_work, self.step, **options.storage("remove intermediate objects")
            )
        except ActivityError:
            workflow.logger.exception("intermediate objects stayed behind")
        self.enter(None)

    async def _given_up(self, error: BaseException) -> BaseException:
        """Undo what was made; with what the run has to end, failed or cancelled."""
        # A step that fails while it is being cancelled is not tried again: that says nothing about the video.
        cancelled = is_cancelled_exception(error) or workflow.cancellation_reason() is not None
        code, detail = (FailureCode.CANCELLED, "") if cancelled else failure_of(error)
        await to_the_end(self._undo(code, detail))
        if cancelled:
            return asyncio.CancelledError()
        return ApplicationError(detail, type=code.value, non_retryable=True, category=ApplicationErrorCategory.BENIGN)

    async def _undo(self, code: FailureCode, detail: str) -> None:
        """Objects first, state last: whoever sees the final state finds nothing left."""
        await workflow.execute_activity_method(
            PublishingActivities.discard_version,
            DiscardInput(self._target, keep_original=self._can_be_retried and code in OUR_FAULT),
            **options.storage("remove what was made"),
        )
        state = VideoState.CANCELLED if code is FailureCode.CANCELLED else VideoState.FAILED
        await workflow.execute_activity_method(
            PublishingActivities.note_failure,
            FailureNote(self._target, state.value, code.value, detail),
            **options.database(f"record {code.value}"),
        )
        self.view = StageView(code.value)
        self._describe()

    def _describe(self) -> None:
        text = f"**{self.view.stage}**"
        if self.view.chunks:
            text += f": {self.view.chunks_done} of {self.view.chunks} chunks"
        workflow.set_current_details(text)
