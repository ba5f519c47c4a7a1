"""Decide how a version is encoded, once, and store the decision."""

from __future__ import annotations

from dataclasses import replace

from core.contracts.publish_video import PlanSummary
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork
from core.domain.media.chunks import encode_order
from core.domain.media.plan import EncodingPlan, ProtectionScheme
from core.domain.media.planner import plan_encoding
from core.ports import ObjectNotFound, ObjectStorage
from core.services.media.stored_plan import load_facts, load_plan, save_plan
from core.services.videos.record_plan import record_plan


async def plan_version(uow: UnitOfWork, storage: ObjectStorage, target: VersionRef, preset: str) -> PlanSummary:
    """A plan that is already stored wins: chunks of it may have been encoded."""
    try:
        plan = await load_plan(storage, target)
    except ObjectNotFound:
        version = await uow.videos.version(target)
        plan = plan_encoding(await load_facts(storage, target), ProtectionScheme(version.scheme), preset)
        plan = replace(plan, crypto_period_seconds=version.crypto_period_seconds)
        await save_plan(storage, target, plan)
    await record_plan(uow, target, plan)
    return summarise(plan)


def summarise(plan: EncodingPlan) -> PlanSummary:
    video = plan.video
    chunks = video.chunks if video else ()
    longest = max((chunk.frames for chunk in chunks), default=0)
    return PlanSummary(
        duration=plan.duration,
        chunks=len(chunks),
        chunk_order=encode_order(chunks),
        chunk_seconds=float(video.frame_rate.seconds(longest)) if video else 0.0,
        audio=tuple(track.name for track in plan.audio),
        subtitles=tuple(track.name for track in plan.subtitles),
        renditions=tuple(rendition.name for rendition in video.renditions) if video else (),
        storyboard=plan.storyboard is not None,
        index_source=plan.index_source,
    )
