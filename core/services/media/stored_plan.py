"""Facts and plan of a version, kept as JSON beside its media: written once, read by every step on any host."""

from __future__ import annotations

from pydantic import TypeAdapter

from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.media.facts import SourceFacts
from core.domain.media.plan import EncodingPlan
from core.ports import ObjectStorage

_FACTS = TypeAdapter(SourceFacts)
_PLAN = TypeAdapter(EncodingPlan)
_JSON = "application/json"


async def save_facts(storage: ObjectStorage, target: VersionRef, facts: SourceFacts) -> None:
    await storage.put_bytes(object_keys.facts(target), _FACTS.dump_json(facts), _JSON)


async def load_facts(storage: ObjectStorage, target: VersionRef) -> SourceFacts:
    """Raises ObjectNotFound before the version was inspected."""
    return _FACTS.validate_json(await storage.get_bytes(object_keys.facts(target)))


async def save_plan(storage: ObjectStorage, target: VersionRef, plan: EncodingPlan) -> None:
    await storage.put_bytes(object_keys.plan(target), _PLAN.dump_json(plan), _JSON)


async def load_plan(storage: ObjectStorage, target: VersionRef) -> EncodingPlan:
    """Raises ObjectNotFound before the version was planned."""
    return _PLAN.validate_json(await storage.get_bytes(object_keys.plan(target)))
