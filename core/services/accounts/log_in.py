"""Sign in with e-mail address and password, and with a second factor where the member has one."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import timedelta

from core.db.models import User
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.auth.lockout import WINDOW, code_limit, login_limits
from core.domain.errors import TooManyAttempts, Unauthenticated
from core.ports import Attempts, RootKeyVault
from core.services.accounts.passwords import Passwords
from core.services.accounts.second_factor import check_second_factor
from core.services.accounts.start_session import SessionTokens, SignIn, TokenIssuer, start_session
from core.services.audit.signed_by import SignedBy
from core.services.organisations.principal import Principal


@dataclass(frozen=True)
class Login:
    """`code` is of the authenticator, or a recovery code."""

    email: str
    password: str = field(repr=False)
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Doorkeeper:
    """What signing in works with."""

    uow: UnitOfWorkFactory
    vault: RootKeyVault
    passwords: Passwords
    attempts: Attempts
    issuer: TokenIssuer

    async def log_in(self, login: Login, sign_in: SignIn, request_id: str) -> SessionTokens:
        """Raises TooManyAttempts; Unauthenticated (LOGIN_REFUSED, CODE_REQUIRED, CODE_REFUSED); AttemptsUnavailable.

        An account that does not exist is counted, checked and answered like one with another password.
        """
        email = login.email.strip().lower()
        limits = login_limits(email, sign_in.address)
        wait = await self.attempts.count(limits, WINDOW)
        if wait is not None:
            raise _too_many(wait)
        user = await self._known(email)
        # Outside of a transaction: it takes its time.
        checked = await self.passwords.check(user.password_hash if user else None, login.password)
        if user is None or not checked.good:
            raise Unauthenticated("E-mail address or password is wrong.", code="LOGIN_REFUSED")
        async with self.uow() as uow:
            await check_second_factor(uow, self.vault, user, login.code, sign_in.at)
            tokens = await self._welcome(uow, user, checked.rehashed, sign_in, request_id)
            await uow.commit()
        await self.attempts.clear(limits[0])
        return tokens

    async def count_code(self, member: Principal) -> None:
        """Before a code of a signed-in member's is checked. Raises TooManyAttempts, AttemptsUnavailable."""
        wait = await self.attempts.count([code_limit(member.key_id)], WINDOW)
        if wait is not None:
            raise _too_many(wait)

    async def _known(self, email: str) -> User | None:
        async with self.uow() as uow:
            return await uow.members.by_email(email)

    async def _welcome(
        self, uow: UnitOfWork, user: User, rehashed: str | None, sign_in: SignIn, request_id: str
    ) -> SessionTokens:
        current = await uow.members.get(user.organisation_id, user.id)
        if current is None or current.password_hash != user.password_hash:
            # Removed, or given another password, while we were checking this one.
            raise Unauthenticated("E-mail address or password is wrong.", code="LOGIN_REFUSED")
        if rehashed is not None:
            current.password_hash = rehashed
        tokens = await start_session(uow, self.issuer, current, sign_in)
        by = SignedBy(f"user:{user.id}", sign_in.at, sign_in.address, request_id)
        await by.note(uow, user.organisation_id, "session.start", f"session:{tokens.session_id}")
        return tokens


def _too_many(wait: timedelta) -> TooManyAttempts:
    return TooManyAttempts(max(1, math.ceil(wait.total_seconds())))
