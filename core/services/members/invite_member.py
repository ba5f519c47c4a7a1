"""Invite somebody into an organisation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from core.db.models import User
from core.db.unit_of_work import UnitOfWork
from core.domain.auth.membership import check_role_given
from core.domain.auth.permissions import Permission, Role
from core.domain.errors import Conflict, InvalidInput
from core.services.accounts.one_time import Purpose, issue_one_time_token
from core.services.audit.signed_by import SignedBy
from core.services.members.member_view import MemberView, member_view

LASTS = timedelta(days=7)
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f<>\"(),:;\[\]\\]{1,64}@[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,8}")
_LONGEST = 255


@dataclass(frozen=True)
class Invitation:
    """The token goes to the invited person by mail, and to nobody else."""

    member: MemberView
    token: str = field(repr=False)


def normal_email(text: str) -> str:
    """As it is kept: lower case. Raises InvalidInput for what is no address."""
    email = text.strip().lower()
    if len(email) > _LONGEST or _EMAIL.fullmatch(email) is None:
        raise InvalidInput("That is not an e-mail address.", fields={"email": "not an address"})
    return email


async def invite_member(
    uow: UnitOfWork, organisation_id: str, email: str, role: Role, may: frozenset[Permission], by: SignedBy
) -> Invitation:
    """Raises InvalidInput, Forbidden (ROLE_TOO_HIGH), Conflict (MEMBER_EXISTS). The caller commits."""
    check_role_given(role, may)
    address = normal_email(email)
    await uow.organisations.lock(organisation_id)
    existing = await uow.members.by_email(address)
    if existing is not None:
        # Somebody else's member, too: an address belongs to one organisation.
        raise Conflict(
            "Somebody with this address is a member already.", code="MEMBER_EXISTS", fields={"email": "taken"}
        )
    user = User(id=uuid4().hex, organisation_id=organisation_id, email=address, role=role.value, created_at=by.at)
    await uow.members.add(user)
    token = issue_one_time_token(uow, user, Purpose.INVITATION, LASTS, by.at)
    await by.note(uow, organisation_id, "member.invite", f"user:{user.id}", {"role": role.value})
    return Invitation(member_view(user), token)
