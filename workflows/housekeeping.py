"""Start again what was committed but never started. Runs on a schedule."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.housekeeping import HousekeepingActivities
    from core.contracts.housekeeping import HousekeepingResult
    from workflows import options


@workflow.defn(name="Housekeeping")
class Housekeeping:
    @workflow.run
    async def run(self) -> HousekeepingResult:
        return await workflow.execute_activity_method(
            HousekeepingActivities.redrive, **options.database("start queued versions and deletions again")
        )
