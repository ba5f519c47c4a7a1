"""The plan that the pipeline will make of a clip, made the same way: the plain commands build the same ladder."""

from __future__ import annotations

from pathlib import Path

from core.adapters.containers.examine import examine_container, read_head
from core.adapters.ffmpeg.runner import MediaRunner
from core.adapters.ffmpeg.sandbox import Sandbox
from core.adapters.scratch import Scratch
from core.domain.media.magic import identify
from core.domain.media.plan import EncodingPlan, ProtectionScheme
from core.domain.media.planner import plan_encoding
from core.domain.media.source_facts import read_facts
from core.services.media.inspect_source import SOURCE_NAME
from core.services.media.probe_source import SourceProbe
from core.settings import Settings

_STALL_SECONDS = 60.0


async def plan_of(clip: Path, settings: Settings, scratch: Path) -> EncodingPlan:
    """Raises VideoRejected for a file that would not be published."""
    head, size = await read_head(clip)
    family = identify(head, size)
    traits = await examine_container(clip, family)
    runner = MediaRunner(Sandbox(namespaces=False, reason="our own clip"), _STALL_SECONDS)
    async with Scratch(scratch).job() as job:
        job.link(clip, SOURCE_NAME)
        probe = SourceProbe(runner, job, family, settings.max_pixels)
        declared = await probe.declared()
        seen = (await probe.packets(size)).streams
    facts = read_facts(declared, seen, family, size=size, exact_seek=traits.indexed)
    return plan_encoding(facts, ProtectionScheme(settings.protection_scheme), settings.encoder_preset)
