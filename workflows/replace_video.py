"""A new version takes over from the published one; viewers who are watching the old one finish it."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.lifecycle import LifecycleActivities
    from core.contracts import workflow_ids
    from core.contracts.publish_video import PublishVideoInput, PublishVideoResult, StepInput
    from core.contracts.video_lifecycle import ReplaceVideoInput
    from workflows import options
    from workflows.draining import wait_for_sessions
    from workflows.publish_video import PublishVideo


@workflow.defn(name="ReplaceVideo")
class ReplaceVideo:
    """When the new version fails or is cancelled, the old one simply stays published."""

    @workflow.run
    async def run(self, message: ReplaceVideoInput) -> PublishVideoResult:
        result = await self._publish(message)
        workflow.set_current_details("published; waiting for the last sessions of the old version")
        await wait_for_sessions(message.previous)
        await workflow.execute_activity_method(
            LifecycleActivities.retire_version,
            StepInput(message.previous),
            **options.storage("remove the replaced version and destroy its keys"),
        )
        return result

    async def _publish(self, message: ReplaceVideoInput) -> PublishVideoResult:
        return await workflow.execute_child_workflow(
            PublishVideo.run,
            PublishVideoInput(message.target, window=message.window),
            id=workflow_ids.publish_video(message.target),
            parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
            cancellation_type=workflow.ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
            search_attributes=workflow.info().typed_search_attributes,
            static_summary=f"version {message.target.version}",
        )
