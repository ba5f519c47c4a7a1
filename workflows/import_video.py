"""One video from an address somewhere to a published, protected stream."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.importing import ImportActivities
    from core.contracts import workflow_ids
    from core.contracts.import_video import ImportVideoInput
    from core.contracts.publish_video import PublishVideoInput, PublishVideoResult, StageView
    from core.domain.progress import Step
    from workflows import options
    from workflows.publish_video import PublishVideo
    from workflows.saga import cancellable
    from workflows.version_run import VersionRun


@workflow.defn(name="ImportVideo")
class ImportVideo:
    """Ends as its publication does, or before it, with nothing left behind, when the source cannot be fetched."""

    @workflow.init
    def __init__(self, message: ImportVideoInput) -> None:
        self._version = VersionRun(message.target, can_be_retried=True)

    @workflow.query
    def progress(self) -> StageView:
        return self._version.view

    @workflow.run
    async def run(self, message: ImportVideoInput) -> PublishVideoResult:
        await self._version.take_up(self._fetch)
        return await self._publish(message)

    async def _fetch(self) -> None:
        self._version.enter(Step.FETCH)
        await cancellable(
            workflow.execute_activity_method(
                ImportActivities.fetch_source, self._version.step, **options.fetching("fetch the source")
            )
        )

    async def _publish(self, message: ImportVideoInput) -> PublishVideoResult:
        return await workflow.execute_child_workflow(
            PublishVideo.run,
            PublishVideoInput(message.target, window=message.window),
            id=workflow_ids.publish_video(message.target),
            parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
            cancellation_type=workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
            search_attributes=workflow.info().typed_search_attributes,
            static_summary=f"version {message.target.version}",
        )
