"""The plan of a version as its row keeps it: it outlives the intermediate objects."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from core.db.models import VideoVersion
from core.domain.errors import Conflict
from core.domain.media.plan import EncodingPlan

_PLAN: TypeAdapter[EncodingPlan] = TypeAdapter(EncodingPlan)


def put_plan(version: VideoVersion, plan: EncodingPlan) -> None:
    stored: dict[str, Any] = _PLAN.dump_python(plan, mode="json")
    version.plan = stored
    version.scheme = plan.scheme.value


def recorded_plan(version: VideoVersion) -> EncodingPlan:
    """Raises Conflict before the version was planned."""
    if version.plan is None:
        raise Conflict(f"Version {version.version} has no plan.")
    return _PLAN.validate_python(version.plan)
