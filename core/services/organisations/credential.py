"""A credential that was found good: whose it is, until when, and from where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.domain.access.addresses import address
from core.domain.access.locations import Network
from core.domain.errors import Forbidden
from core.services.organisations.principal import Principal


@dataclass(frozen=True)
class Credential:
    """`networks` empty means from everywhere."""

    principal: Principal
    expires_at: datetime | None = None
    networks: tuple[Network, ...] = ()

    def lives(self, now: datetime) -> bool:
        return self.expires_at is None or now < self.expires_at

    def used_from(self, caller: str | None) -> Principal:
        """Raises Forbidden for another address than the key's, and when the address cannot be known."""
        if self.networks:
            here = address(caller or "")
            if here is None or not any(here in network for network in self.networks):
                raise Forbidden("This key may not be used from this address.", code="ADDRESS_NOT_ALLOWED")
        return self.principal
