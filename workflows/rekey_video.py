"""A published version's tracks once more, under new keys: nothing is encoded, and the old keys are destroyed."""

from __future__ import annotations

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.planning import PlanningActivities
    from activities.rekeying import RekeyingActivities
    from core.contracts.publish_video import PlanSummary, PublishVideoResult, StageView
    from core.contracts.rekey_video import RekeyVideoInput
    from core.domain.progress import Step
    from core.domain.video import VideoState
    from workflows import options
    from workflows.draining import retire_after_sessions
    from workflows.saga import cancellable
    from workflows.version_run import VersionRun


@workflow.defn(name="RekeyVideo")
class RekeyVideo:
    """When it fails or is cancelled, the old version stays published, and nothing is left of the new one."""

    @workflow.init
    def __init__(self, message: RekeyVideoInput) -> None:
        self._message = message
        self._version = VersionRun(message.target, can_be_retried=False)

    @workflow.query
    def progress(self) -> StageView:
        return self._version.view

    @workflow.run
    async def run(self, message: RekeyVideoInput) -> PublishVideoResult:
        plan = await self._version.to_ready(self._make)
        await retire_after_sessions(message.previous)
        return PublishVideoResult(message.target, VideoState.READY.value, plan.duration, plan.renditions)

    async def _make(self) -> PlanSummary:
        self._version.enter(Step.PLAN)
        plan = await cancellable(
            workflow.execute_activity_method(
                PlanningActivities.plan_rekey, self._message, **options.database("take over the plan")
            )
        )
        self._version.enter(Step.REGAIN)
        await cancellable(
            workflow.execute_activity_method(
                RekeyingActivities.regain_tracks,
                self._message,
                **options.media("decrypt what is published", plan.duration),
            )
        )
        await self._version.protect(plan)
        return plan
