"""Follow an organisation's audit log from its first entry to its last."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork
from core.domain.auth.audit_entry import AuditChain
from core.domain.hash_chain import ChainVerdict, Noted

_PORTION = 1000


async def verify_log(uow: UnitOfWork, organisation_id: str, noted: Noted | None = None) -> ChainVerdict:
    """Names the first entry that was changed, removed or inserted."""
    chain = AuditChain(noted)
    while True:
        entries = await uow.audit_log.entries(organisation_id, chain.last.sequence, _PORTION)
        broken = chain.first_broken(entries)
        if broken is not None or len(entries) < _PORTION:
            return ChainVerdict(chain.last, broken or chain.cut_off())
