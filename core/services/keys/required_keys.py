"""The keys that a plan needs, or none at all: a step never goes on with some of them."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey
from core.domain.media.plan import EncodingPlan, KeyLabel
from core.ports import KeyUnavailable
from core.services.keys.store import ContentKeySource


async def required_keys(source: ContentKeySource, target: VersionRef, plan: EncodingPlan) -> dict[KeyLabel, ContentKey]:
    """Keys of the plan's labels, in its order. Raises KeyUnavailable when one is missing or of another scheme."""
    found = await source.read(target)
    for label in plan.labels:
        if label not in found or found[label].scheme is not plan.scheme:
            raise KeyUnavailable(f"version {target.version} of {target.video_id} has no {plan.scheme} key for {label}")
    return {label: found[label] for label in plan.labels}
