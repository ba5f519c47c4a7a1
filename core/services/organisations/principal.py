"""Who a request is, and what it may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.domain.auth.permissions import Permission, Role, permissions_of
from core.domain.errors import Forbidden


class CallerKind(StrEnum):
    API_KEY = "api-key"
    USER = "user"
    CLIENT = "client"


@dataclass(frozen=True)
class Principal:
    """`key_id` is the id of the API key, member or OAuth client that calls, 32 hex digits.

    `session_id` is a member's session; `impersonator` names whoever from support acts in the member's place; `scopes`
    are all that its token asks for, of what the roles permit.
    """

    organisation_id: str
    key_id: str
    roles: frozenset[Role] = frozenset({Role.EDITOR})
    kind: CallerKind = CallerKind.API_KEY
    session_id: str | None = None
    impersonator: str | None = None
    scopes: frozenset[Permission] | None = None

    @property
    def actor(self) -> str:
        """For audits."""
        who = f"{self.kind}:{self.key_id}"
        return who if self.impersonator is None else f"support:{self.impersonator} as {who}"

    @property
    def permissions(self) -> frozenset[Permission]:
        granted = permissions_of(self.roles)
        return granted if self.scopes is None else granted & self.scopes

    def require(self, permission: Permission) -> None:
        """Raises Forbidden."""
        if permission not in self.permissions:
            raise Forbidden(f"This needs the permission {permission}. Ask an admin of your organisation for a role.")
