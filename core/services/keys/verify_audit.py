"""Follow an organisation's audit of content keys from its first entry to its last."""

from __future__ import annotations

from dataclasses import dataclass

from core.db.unit_of_work import UnitOfWork
from core.domain.drm.key_audit import Broken, ChainCheck, Noted

_PORTION = 1000


@dataclass(frozen=True)
class AuditVerdict:
    """`last` is the last good entry: worth noting elsewhere, for the next time."""

    last: Noted
    broken: Broken | None


async def verify_audit(uow: UnitOfWork, organisation_id: str, noted: Noted | None = None) -> AuditVerdict:
    """Names the first entry that was changed, removed or inserted."""
    check = ChainCheck(noted)
    while True:
        entries = await uow.key_audit.entries(organisation_id, check.last.sequence, _PORTION)
        broken = check.first_broken(entries)
        if broken is not None or len(entries) < _PORTION:
            return AuditVerdict(check.last, broken or check.cut_off())
