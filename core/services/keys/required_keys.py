"""The keys that a plan needs, or none at all: a step never goes on with some of them."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey
from core.domain.media.plan import EncodingPlan, KeyLabel
from core.ports import KeyUnavailable
from core.services.keys.store import ContentKeySource


async def required_keys(source: ContentKeySource, target: VersionRef, plan: EncodingPlan) -> dict[KeyLabel, ContentKey]:
    """Keys of the plan's labels, in its order. Raises KeyUnavailable when one is missing or of another scheme.

    A label has as many keys as the plan has crypto periods.
    """
    found = await source.read(target)
    for label in plan.labels:
        if label not in found or found[label].scheme is not plan.scheme:
            raise KeyUnavailable(f"version {target.version} of {target.video_id} has no {plan.scheme} key for {label}")
        if len(found[label].periods) != plan.crypto_periods.count:
            raise KeyUnavailable(
                f"version {target.version} of {target.video_id} has {len(found[label].periods)} keys for {label},"
                f" and {plan.crypto_periods.count} crypto periods"
            )
    return {label: found[label] for label in plan.labels}
