"""Keep what inspection found, and hold it against what the uploader announced."""

from __future__ import annotations

from dataclasses import asdict

from core.contracts.publish_video import InspectionSummary
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork
from core.domain.failures import FailureCode, VideoRejected


async def record_inspection(uow: UnitOfWork, target: VersionRef, summary: InspectionSummary) -> None:
    """Repeatable. Raises NotFound, VideoRejected (UPLOAD_MISMATCH) for another checksum. The caller commits."""
    version = await uow.videos.version(target)
    if version.source_sha256 is not None and version.source_sha256 != summary.sha256:
        raise VideoRejected(FailureCode.UPLOAD_MISMATCH, "the SHA-256 is not the announced one")
    version.source_sha256 = summary.sha256
    version.antivirus = summary.antivirus
    version.warnings = list(summary.warnings)
    version.facts = asdict(summary) | {"warnings": list(summary.warnings)}
