"""What mails carry: tokens that are good once."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from core.db.models import OneTimeToken, User
from core.db.unit_of_work import UnitOfWork
from core.services.tokens.opaque_token import hash_of, new_token


class Purpose(StrEnum):
    INVITATION = "invitation"
    RESET = "reset"


def issue_one_time_token(uow: UnitOfWork, user: User, purpose: Purpose, lasts: timedelta, now: datetime) -> str:
    """We keep its hash. The caller commits."""
    token = new_token(user.organisation_id)
    row = OneTimeToken(
        id=uuid4().hex,
        organisation_id=user.organisation_id,
        user_id=user.id,
        purpose=purpose.value,
        token_hash=hash_of(token),
        created_at=now,
        expires_at=now + lasts,
    )
    uow.members.add_token(row)
    return token
