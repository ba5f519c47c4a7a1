"""Find out what an upload is, and refuse what must not go further. Nothing in the file is believed unchecked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.adapters.containers.examine import examine_container, read_head
from core.contracts import object_keys
from core.contracts.publish_video import InspectionSummary
from core.contracts.version_ref import VersionRef
from core.domain.failures import FailureCode, VideoRejected
from core.domain.media.completeness import check_complete
from core.domain.media.facts import SourceFacts
from core.domain.media.magic import ContainerFamily, identify
from core.domain.media.policy import IngestLimits, check_container, check_source
from core.domain.media.probed import ContainerTraits
from core.domain.media.source_facts import read_facts
from core.domain.progress import Report, StepProgress
from core.ports import Antivirus, ObjectNotFound, ScanResult, ScanState
from core.services.media.probe_source import SourceProbe
from core.services.media.stored_plan import save_facts
from core.services.media.tools import MediaTools
from core.services.media.transfer import reporting

#: How a tool's job directory names the source; see `core.adapters.ffmpeg.probe.SOURCE`.
SOURCE_NAME = "source"


async def inspect_source(
    tools: MediaTools, target: VersionRef, limits: IngestLimits, antivirus: Antivirus, report: Report
) -> InspectionSummary:
    """Inspect the stored original and save its facts. Raises VideoRejected with the reason it cannot be published.

    Cheapest and safest first: bytes we read ourselves, the virus scanner, then ffmpeg in its sandbox.
    """
    path, sha256 = await reporting(_original(tools, target), report, StepProgress(0.0, note="fetching the file"))
    report(StepProgress(0.2, note="checking the file"))
    head, size = await read_head(path)
    family = identify(head, size)
    scan = await reporting(_scanned(antivirus, path), report, StepProgress(0.2, note="looking for viruses"))
    report(StepProgress(0.4, note="reading tracks"))
    traits = await examine_container(path, family)
    check_container(traits)
    facts = await _probed(tools, path, family, traits, limits, size, report)
    await save_facts(tools.storage, target, facts)
    return InspectionSummary(
        container=facts.container,
        size=size,
        sha256=sha256,
        duration=facts.duration,
        antivirus=f"{scan.state.value}: {scan.detail}" if scan.detail else scan.state.value,
        warnings=facts.warnings,
    )


async def _original(tools: MediaTools, target: VersionRef) -> tuple[Path, str]:
    try:
        return await tools.cache.fetch_with_hash(object_keys.original(target))
    except ObjectNotFound as error:
        raise VideoRejected(FailureCode.UPLOAD_MISSING, "the original is not in storage") from error


async def _scanned(antivirus: Antivirus, path: Path) -> ScanResult:
    result = await antivirus.scan(path)
    if result.state is ScanState.INFECTED:
        raise VideoRejected(FailureCode.MALWARE_FOUND, result.detail)
    return result


async def _probed(
    tools: MediaTools,
    path: Path,
    family: ContainerFamily,
    traits: ContainerTraits,
    limits: IngestLimits,
    size: int,
    report: Report,
) -> SourceFacts:
    async with tools.scratch.job() as job:
        job.link(path, SOURCE_NAME)
        probe = SourceProbe(tools.runner, job, family, limits.max_pixels)
        declared = await probe.declared()
        reading = StepProgress(0.5, note="reading every packet")
        scan = await reporting(probe.packets(size), report, reading)
        check_complete(declared, scan.streams, family)
        facts = read_facts(declared, scan.streams, family, size=size, exact_seek=traits.indexed)
        facts = replace(facts, continuous=scan.jumps == 0)
        check_source(facts, limits)
        report(StepProgress(0.8, note="decoding one second"))
        return await probe.decoded(facts)
