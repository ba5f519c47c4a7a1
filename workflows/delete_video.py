"""Delete a video: stop its processing, let running sessions end, then remove every object and key."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.lifecycle import LifecycleActivities
    from core.contracts.video_lifecycle import DeleteVideoInput
    from workflows import options
    from workflows.draining import wait_for_sessions


@workflow.defn(name="DeleteVideo")
class DeleteVideo:
    """Forward only: once asked for, it is retried until everything is gone."""

    @workflow.run
    async def run(self, message: DeleteVideoInput) -> None:
        await workflow.execute_activity_method(
            LifecycleActivities.stop_processing,
            message,
            **options.storage("cancel a running publication and wait for its clean-up"),
        )
        if not message.immediately:
            workflow.set_current_details("no new sessions; waiting for the running ones to end")
            for target in message.targets():
                await wait_for_sessions(target)
        await workflow.execute_activity_method(
            LifecycleActivities.purge_video, message, **options.storage("remove all objects and destroy all keys")
        )
