"""Keep the plan for people to see, and announce its pieces so that progress knows the whole."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork
from core.domain.media.plan import EncodingPlan
from core.domain.progress import Step
from core.services.progress.items import assembly_weights, transcode_weights
from core.services.videos.recorded_plan import put_plan


async def record_plan(uow: UnitOfWork, target: VersionRef, plan: EncodingPlan) -> None:
    """Repeatable. Raises NotFound. The caller commits."""
    version = await uow.videos.version(target)
    put_plan(version, plan)
    version.warnings = list(dict.fromkeys([*version.warnings, *plan.warnings]))
    await uow.progress.announce(target, Step.TRANSCODE, transcode_weights(plan))
    await uow.progress.announce(target, Step.ASSEMBLE, assembly_weights(plan))
