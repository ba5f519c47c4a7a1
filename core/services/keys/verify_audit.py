"""Follow an organisation's audit of content keys from its first entry to its last."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork
from core.domain.drm.key_audit import ChainCheck
from core.domain.hash_chain import ChainVerdict, Noted

_PORTION = 1000


async def verify_audit(uow: UnitOfWork, organisation_id: str, noted: Noted | None = None) -> ChainVerdict:
    """Names the first entry that was changed, removed or inserted."""
    check = ChainCheck(noted)
    while True:
        entries = await uow.key_audit.entries(organisation_id, check.last.sequence, _PORTION)
        broken = check.first_broken(entries)
        if broken is not None or len(entries) < _PORTION:
            return ChainVerdict(check.last, broken or check.cut_off())
