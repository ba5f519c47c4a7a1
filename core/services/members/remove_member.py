"""Remove a member: their sessions end, and their address is free again."""

from __future__ import annotations

from core.db.unit_of_work import UnitOfWork
from core.domain.auth.permissions import Permission
from core.services.audit.signed_by import SignedBy
from core.services.members.change_role import member_to_change


async def remove_member(
    uow: UnitOfWork, organisation_id: str, user_id: str, may: frozenset[Permission], by: SignedBy
) -> None:
    """Raises NotFound, Forbidden (ROLE_TOO_HIGH), Conflict (LAST_OWNER). The caller commits."""
    user = await member_to_change(uow, organisation_id, user_id, may)
    await uow.member_sessions.end(organisation_id, user_id, None, "member_removed", by.at)
    await uow.members.spoil_tokens(organisation_id, user_id, by.at)
    await uow.totp.drop(organisation_id, user_id)
    # The row stays, for what they made refers to it; what it says of the person goes.
    user.email, user.password_hash, user.removed_at = f"{user_id}@removed.invalid", None, by.at
    user.sso_issuer = user.sso_subject = None
    await by.note(uow, organisation_id, "member.remove", f"user:{user_id}")
