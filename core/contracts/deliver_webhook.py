"""Messages of the workflow that delivers one event to one endpoint. Ids only: no body, no secret."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DeliverWebhookInput:
    """Which delivery, and which round of it: a replay is a further one. Ids are hex.

    `so_far` is how one run hands over to the next.
    """

    organisation_id: str
    endpoint_id: str
    event_id: str
    delivery_id: str
    round: int
    so_far: DeliveryProgress | None = None


@dataclass(frozen=True)
class DeliveryProgress:
    """How far it is: `attempts` that were made; `reserved` is whether the endpoint's rate has a place for the next.

    `turned_away` counts how often in a row the endpoint was too busy. Once `done`, nothing more is to be tried.
    """

    attempts: int = 0
    wait_seconds: float = 0.0
    reserved: bool = False
    turned_away: int = 0
    done: bool = False


@dataclass(frozen=True)
class AttemptInput:
    """Try once more after what was so far. `jitter` is between 0 and 1, drawn by the workflow."""

    delivery: DeliverWebhookInput
    so_far: DeliveryProgress
    jitter: float


@dataclass(frozen=True)
class CloseInput:
    """Record that a delivery will not be tried again; `reason` is a FailureReason."""

    delivery: DeliverWebhookInput
    reason: str
