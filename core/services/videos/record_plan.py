"""Keep the plan for people to see, and announce its pieces so that progress knows the whole."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork
from core.domain.media.plan import EncodingPlan
from core.domain.progress import Step
from core.services.progress.items import assembly_weights, transcode_weights

_PLAN: TypeAdapter[EncodingPlan] = TypeAdapter(EncodingPlan)


async def record_plan(uow: UnitOfWork, target: VersionRef, plan: EncodingPlan) -> None:
    """Repeatable. Raises NotFound. The caller commits."""
    version = await uow.videos.version(target)
    stored: dict[str, Any] = _PLAN.dump_python(plan, mode="json")
    version.plan = stored
    version.scheme = plan.scheme.value
    version.warnings = list(dict.fromkeys([*version.warnings, *plan.warnings]))
    await uow.progress.announce(target, Step.TRANSCODE, transcode_weights(plan))
    await uow.progress.announce(target, Step.ASSEMBLE, assembly_weights(plan))
