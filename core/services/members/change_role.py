"""Give a member another role. It holds from their next request on."""

from __future__ import annotations

from core.db.models import User
from core.db.unit_of_work import UnitOfWork
from core.domain.auth.membership import check_role_given, check_role_taken
from core.domain.auth.permissions import Permission, Role
from core.domain.errors import NotFound
from core.services.audit.signed_by import SignedBy
from core.services.members.member_view import MemberView, member_view


async def change_role(
    uow: UnitOfWork, organisation_id: str, user_id: str, role: Role, may: frozenset[Permission], by: SignedBy
) -> MemberView:
    """Raises NotFound, Forbidden (ROLE_TOO_HIGH), Conflict (LAST_OWNER). The caller commits."""
    user = await member_to_change(uow, organisation_id, user_id, may)
    check_role_given(role, may)
    before, user.role = user.role, role.value
    await by.note(uow, organisation_id, "member.role", f"user:{user_id}", {"from": before, "to": role.value})
    return member_view(user)


async def member_to_change(uow: UnitOfWork, organisation_id: str, user_id: str, may: frozenset[Permission]) -> User:
    """One at a time in an organisation, or two owners could demote each other.

    Raises NotFound, Forbidden (ROLE_TOO_HIGH), Conflict (LAST_OWNER).
    """
    await uow.organisations.lock(organisation_id)
    user = await uow.members.get(organisation_id, user_id)
    if user is None:
        raise NotFound("There is no such member.")
    owners = await uow.members.count_of_role(organisation_id, Role.OWNER)
    check_role_taken(Role(user.role), owners, may)
    return user
