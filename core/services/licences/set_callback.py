"""Where an organisation wants to be asked before a licence is given."""

from __future__ import annotations

from datetime import datetime

from core.db.models import LicenceCallback
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.callback_message import check_callback_url
from core.domain.errors import NotFound


async def read_callback(uow: UnitOfWork, organisation_id: str) -> LicenceCallback:
    """Raises NotFound when none is set."""
    found = await uow.licences.callback(organisation_id)
    if found is None:
        raise NotFound("No licence callback is set.")
    return found


async def set_callback(
    uow: UnitOfWork, organisation_id: str, url: str, now: datetime, *, fail_open: bool, development: bool
) -> LicenceCallback:
    """In the place of any before. Raises InvalidInput for an address that may not be called. The caller commits."""
    check_callback_url(url, development=development)
    callback = LicenceCallback(organisation_id=organisation_id, url=url, fail_open=fail_open, updated_at=now)
    return await uow.licences.set_callback(callback)


async def drop_callback(uow: UnitOfWork, organisation_id: str) -> None:
    """Idempotent. The caller commits."""
    await uow.licences.drop_callback(organisation_id)
