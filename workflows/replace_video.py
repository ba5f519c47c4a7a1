"""A new version takes over from the published one; viewers who are watching the old one finish it."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from core.contracts import workflow_ids
    from core.contracts.publish_video import PublishVideoInput, PublishVideoResult
    from core.contracts.video_lifecycle import ReplaceVideoInput
    from workflows.draining import retire_after_sessions
    from workflows.publish_video import PublishVideo


@workflow.defn(name="ReplaceVideo")
class ReplaceVideo:
    """When the new version fails or is cancelled, the old one simply stays published."""

    @workflow.run
    async def run(self, message: ReplaceVideoInput) -> PublishVideoResult:
        result = await self._publish(message)
        await retire_after_sessions(message.previous)
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
