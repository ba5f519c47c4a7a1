"""What delivering needs of the world."""

from __future__ import annotations

from dataclasses import dataclass

from core.db.unit_of_work import UnitOfWorkFactory
from core.ports import Clock, DeliveryPlaces, OutboundHttp, RootKeyVault


@dataclass(frozen=True)
class DeliveryTools:
    uow: UnitOfWorkFactory
    vault: RootKeyVault
    http: OutboundHttp
    places: DeliveryPlaces
    clock: Clock
