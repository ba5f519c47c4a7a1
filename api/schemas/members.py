"""Bodies of the routes for members."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.schemas.text import CleanText, Strict
from core.domain.auth.permissions import Role


class MemberIn(Strict):
    email: Annotated[CleanText, Field(min_length=3, max_length=255)]
    role: Role = Role.VIEWER


class RoleIn(Strict):
    role: Role
