"""The organisation that an operator means."""

from __future__ import annotations

from core.db.models import Organisation
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import NotFound


async def find_organisation(uow: UnitOfWork, name: str) -> Organisation:
    """By slug or by id. Raises NotFound."""
    found = await uow.organisations.by_slug(name)
    if found is None and _is_id(name):
        found = await uow.organisations.get(name)
    if found is None:
        raise NotFound(f"There is no organisation with the slug or id {name}.")
    return found


def _is_id(name: str) -> bool:
    return len(name) == 32 and set(name) <= set("0123456789abcdef")
