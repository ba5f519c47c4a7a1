"""Let somebody who forgot their password choose another one, by a mail to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.auth.lockout import WINDOW, mail_limits
from core.ports import Attempts, Mailer
from core.services.accounts.letters import reset_letter
from core.services.accounts.one_time import Purpose, issue_one_time_token

LASTS = timedelta(minutes=30)


async def send_reset(
    uow: UnitOfWorkFactory, attempts: Attempts, mailer: Mailer, dashboard: str, email: str, address: str, now: datetime
) -> None:
    """Nothing happens, silently, for an unknown address or too many mails. Raises AttemptsUnavailable, MailUnavailable.

    To be run behind the answer, which must not tell who is a member: not by its words, and not by its time.
    """
    email = email.strip().lower()
    if await attempts.count(mail_limits(email, address), WINDOW) is not None:
        return
    async with uow() as work:
        user = await work.members.by_email(email)
        if user is None:
            return
        await work.members.spoil_tokens(user.organisation_id, user.id, now)
        token = issue_one_time_token(work, user, Purpose.RESET, LASTS, now)
        await work.commit()
    await mailer.send(reset_letter(user.email, dashboard, token))
