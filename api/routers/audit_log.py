"""The audit log of an organisation."""

from __future__ import annotations

from fastapi import APIRouter

from api.dependencies import AuditReader, Cursor, Limit, Services
from api.errors import responses
from core.services.audit.list_audit import AuditPage, list_audit

router = APIRouter(prefix="/v1/audit-log", tags=["access"], responses=responses(401, 403, 422, 503))


@router.get("")
async def read_audit_log(
    caller: AuditReader, services: Services, limit: Limit = 50, cursor: Cursor = None
) -> AuditPage:
    """Who changed what, newest first. `digest` covers the entry before: keep the newest one elsewhere."""
    async with services.uow() as uow:
        return await list_audit(uow, caller.organisation_id, limit, cursor)
