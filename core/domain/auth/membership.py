"""Who may give, change or take which member's role."""

from __future__ import annotations

from core.domain.auth.permissions import GRANTS, Permission, Role
from core.domain.errors import Conflict, Forbidden


def check_role_given(role: Role, may: frozenset[Permission]) -> None:
    """Nobody gives more than they have. Raises Forbidden (ROLE_TOO_HIGH)."""
    if not GRANTS[role] <= may:
        raise Forbidden("You cannot give a role that may do more than you.", code="ROLE_TOO_HIGH")


def check_role_taken(role: Role, owners: int, may: frozenset[Permission]) -> None:
    """From a member who has `role`, where there are so many owners. Raises Forbidden (ROLE_TOO_HIGH), Conflict."""
    if role is not Role.OWNER:
        return
    if Permission.OWNER_EDIT not in may:
        raise Forbidden("Only an owner can change or remove an owner.", code="ROLE_TOO_HIGH")
    if owners <= 1:
        raise Conflict("An organisation keeps at least one owner. Make another one first.", code="LAST_OWNER")
