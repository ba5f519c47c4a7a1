"""Choose a password: by a token from a mail, or in the place of the one before."""

from __future__ import annotations

from core.db.models import User
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.auth.password_rules import check_password
from core.domain.errors import Forbidden, Unauthenticated
from core.services.accounts.passwords import Passwords
from core.services.audit.signed_by import SignedBy
from core.services.organisations.principal import Principal
from core.services.tokens.opaque_token import hash_of, organisation_of


async def set_password_by_token(
    uow: UnitOfWorkFactory, passwords: Passwords, token: str, password: str, by: SignedBy
) -> None:
    """The token is used up, the others too, and all sessions end.

    Raises Unauthenticated (TOKEN_REFUSED); InvalidInput (PASSWORD_WEAK), after which the token is still good.
    """
    hashed = await passwords.hash(password)
    async with uow() as work:
        organisation_id = organisation_of(token)
        used = await work.members.use_token(organisation_id, hash_of(token), by.at) if organisation_id else None
        user = await work.members.get(used.organisation_id, used.user_id) if used else None
        if used is None or user is None:
            raise Unauthenticated("The link was used, or it has expired. Ask for another.", code="TOKEN_REFUSED")
        check_password(password, user.email)
        signed = SignedBy(f"user:{user.id}", by.at, by.address, by.request_id)
        await _keep(work, user, hashed, signed, f"password.{used.purpose}")
        await work.commit()


async def change_password(
    uow: UnitOfWorkFactory, passwords: Passwords, member: Principal, old: str, new: str, by: SignedBy
) -> None:
    """All sessions end, the one that asks too. Raises Forbidden (PASSWORD_REFUSED), InvalidInput (PASSWORD_WEAK)."""
    async with uow() as work:
        user = await work.members.get(member.organisation_id, member.key_id)
    kept = user.password_hash if user else None
    checked = await passwords.check(kept, old)
    if user is None or not checked.good:
        raise Forbidden("That is not your password.", code="PASSWORD_REFUSED")
    check_password(new, user.email)
    hashed = await passwords.hash(new)
    async with uow() as work:
        current = await work.members.get(member.organisation_id, member.key_id)
        if current is None or current.password_hash != kept:
            raise Forbidden("That is not your password.", code="PASSWORD_REFUSED")
        await _keep(work, current, hashed, by, "password.change")
        await work.commit()


async def _keep(uow: UnitOfWork, user: User, hashed: str, by: SignedBy, action: str) -> None:
    user.password_hash = hashed
    await uow.members.spoil_tokens(user.organisation_id, user.id, by.at)
    await uow.member_sessions.end(user.organisation_id, user.id, None, "password_changed", by.at)
    await by.note(uow, user.organisation_id, action, f"user:{user.id}")
