"""One key of an organisation's."""

from __future__ import annotations

from core.db.models import ApiKey
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import NotFound


async def find_api_key(uow: UnitOfWork, organisation_id: str, key_id: str) -> ApiKey:
    """Locked until the transaction ends. Raises NotFound."""
    key = await uow.api_keys.get(organisation_id, key_id, lock=True)
    if key is None:
        raise NotFound("There is no such API key.")
    return key
