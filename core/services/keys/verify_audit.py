"""Follow an organisation's audit of content keys from its first entry to its last."""

from __future__ import annotations

from dataclasses import dataclass

from core.db.unit_of_work import UnitOfWork
from core.domain.drm.key_audit import Broken, ChainCheck

_PORTION = 1000


@dataclass(frozen=True)
class AuditVerdict:
    """`sequence` and `digest` are of the last good entry. Kept elsewhere, they prove later that none was cut off."""

    sequence: int
    digest: bytes
    broken: Broken | None


async def verify_audit(uow: UnitOfWork, organisation_id: str) -> AuditVerdict:
    """Names the first entry that was changed, removed or inserted. A cut-off end shows beside an older verdict only."""
    check = ChainCheck()
    while True:
        entries = await uow.key_audit.entries(organisation_id, check.sequence, _PORTION)
        broken = check.first_broken(entries)
        if broken is not None or len(entries) < _PORTION:
            return AuditVerdict(check.sequence, check.digest, broken)
