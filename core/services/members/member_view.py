"""A member as their organisation sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.db.models import User


@dataclass(frozen=True)
class MemberView:
    """`invited` until they have chosen a password, or come by single sign-on."""

    id: str
    email: str
    role: str
    invited: bool
    created_at: datetime


def member_view(user: User) -> MemberView:
    return MemberView(
        user.id, user.email, user.role, user.password_hash is None and user.sso_subject is None, user.created_at
    )
