"""The first owner of an organisation, by its operator: somebody has to be there to invite the others."""

from __future__ import annotations

from uuid import uuid4

from core.db.models import User
from core.db.unit_of_work import UnitOfWork
from core.domain.auth.password_rules import check_password
from core.domain.auth.permissions import Role
from core.domain.errors import Conflict
from core.services.accounts.passwords import Passwords
from core.services.audit.signed_by import SignedBy
from core.services.members.invite_member import normal_email


async def create_owner(
    uow: UnitOfWork, passwords: Passwords, slug: str, name: str, email: str, password: str, by: SignedBy
) -> str:
    """The organisation's id; it is created when there is none of that slug. The caller commits.

    Raises InvalidInput (PASSWORD_WEAK too), Conflict (MEMBER_EXISTS).
    """
    address = normal_email(email)
    check_password(password, address)
    if await uow.members.by_email(address) is not None:
        raise Conflict("Somebody with this address is a member already.", code="MEMBER_EXISTS")
    organisation = await uow.organisations.ensure(uuid4().hex, slug, name)
    user = User(
        id=uuid4().hex,
        organisation_id=organisation.id,
        email=address,
        password_hash=await passwords.hash(password),
        role=Role.OWNER.value,
        created_at=by.at,
    )
    await uow.members.add(user)
    await by.note(uow, organisation.id, "member.create-owner", f"user:{user.id}")
    return organisation.id
