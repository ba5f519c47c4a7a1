"""Notice uploads that have come, finish and forget resumable ones. Runs on a schedule."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.uploads import UploadActivities
    from core.contracts.sweep_uploads import SweepUploadsResult
    from workflows import options


@workflow.defn(name="SweepUploads")
class SweepUploads:
    @workflow.run
    async def run(self) -> SweepUploadsResult:
        return await workflow.execute_activity_method(
            UploadActivities.sweep_uploads, **options.storage("look for uploads that have come or expired")
        )
