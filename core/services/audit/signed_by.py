"""Who does something, when and from where: what every change leaves in the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.db.unit_of_work import UnitOfWork
from core.domain.auth.audit_entry import AuditEvent


@dataclass(frozen=True)
class SignedBy:
    """`actor` as in AuditEvent. The use case that changes something notes it in the same transaction."""

    actor: str
    at: datetime
    address: str = ""
    request_id: str = ""

    async def note(
        self,
        uow: UnitOfWork,
        organisation_id: str,
        action: str,
        thing: str,
        details: Mapping[str, object] | None = None,
    ) -> None:
        event = AuditEvent(self.actor, action, thing, self.address, self.request_id, dict(details or {}))
        await uow.audit_log.append(organisation_id, event, self.at)
