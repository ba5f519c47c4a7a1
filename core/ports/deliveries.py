"""Protocols for deliveries of webhooks: who may call an endpoint now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class EndpointLimits:
    """How many attempts an endpoint is sent a second, and how many at once."""

    rate_per_second: int
    max_in_flight: int


@dataclass(frozen=True)
class DeliveryPlace:
    """Not granted: come back after `wait_seconds`, zero when nobody knows when. `reserved`: the rate has been paid."""

    granted: bool
    wait_seconds: float = 0.0
    reserved: bool = False


class DeliveryPlaces(Protocol):
    """Who may call an endpoint now, over all workers. Raises LeasesUnavailable."""

    async def take(self, endpoint_id: str, holder: str, limits: EndpointLimits, *, reserved: bool) -> DeliveryPlace:
        """For one attempt of `holder`, who may ask again. `reserved` as the place before this one said."""
        ...

    async def give_back(self, endpoint_id: str, holder: str) -> None:
        """The attempt is over. Not to be told of it, a place lapses."""
        ...
