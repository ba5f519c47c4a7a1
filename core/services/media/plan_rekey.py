"""The plan of a re-keying: that of the version it is made from, under the scheme that was asked for."""

from __future__ import annotations

from dataclasses import replace

from core.contracts.publish_video import PlanSummary
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork
from core.domain.media.plan import EncodingPlan, ProtectionScheme
from core.ports import ObjectStorage
from core.services.media.plan_version import summarise
from core.services.media.stored_plan import save_plan
from core.services.videos.recorded_plan import put_plan, recorded_plan


async def plan_rekey(uow: UnitOfWork, storage: ObjectStorage, target: VersionRef, previous: VersionRef) -> PlanSummary:
    """Repeatable. Raises NotFound, Conflict when `previous` has no plan. The caller commits."""
    version = await uow.videos.version(target)
    former = recorded_plan(await uow.videos.version(previous))
    plan: EncodingPlan = replace(former, scheme=ProtectionScheme(version.scheme))
    await save_plan(storage, target, plan)
    put_plan(version, plan)
    return summarise(plan)
