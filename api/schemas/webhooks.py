"""Bodies of the routes for webhooks. Times in RFC 3339."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field

from api.schemas.text import CleanText, Strict
from core.db.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from core.domain.webhooks.delivery import DeliveryState
from core.domain.webhooks.endpoint import (
    DEFAULT_IN_FLIGHT,
    DEFAULT_RATE,
    HIGHEST_RATE,
    LONGEST_OVERLAP,
    MOST_IN_FLIGHT,
    SECRET_OVERLAP,
    EndpointKind,
    EndpointStatus,
)
from core.domain.webhooks.event_types import EventDescription, EventType
from core.services.webhooks.list_deliveries import DeliveryPage
from core.services.webhooks.manage_endpoint import EndpointChange, EndpointWish, EndpointWithSecret

Address = Annotated[CleanText, Field(min_length=1, max_length=2000, examples=["https://example.com/webhooks"])]
Events = Annotated[list[EventType], Field(max_length=50, description="Which types to send; none for all of them.")]
Description = Annotated[CleanText, Field(max_length=500)]
Rate = Annotated[int, Field(ge=1, le=HIGHEST_RATE, description="Attempts a second, at most.")]
AtOnce = Annotated[int, Field(ge=1, le=MOST_IN_FLIGHT, description="Attempts at once, at most.")]
HexId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class EndpointIn(Strict):
    url: Address
    events: Events = Field(default_factory=list)
    description: Description = ""
    rate_per_second: Rate = DEFAULT_RATE
    max_in_flight: AtOnce = DEFAULT_IN_FLIGHT

    def wish(self) -> EndpointWish:
        return EndpointWish(
            self.url,
            tuple(each.value for each in self.events),
            self.description,
            self.rate_per_second,
            self.max_in_flight,
        )


class EndpointPatch(Strict):
    """What is left out stays. `enabled` false sends nothing more until it is enabled again."""

    url: Address | None = None
    events: Events | None = None
    description: Description | None = None
    rate_per_second: Rate | None = None
    max_in_flight: AtOnce | None = None
    enabled: bool | None = None

    def change(self) -> EndpointChange:
        events = None if self.events is None else tuple(each.value for each in self.events)
        return EndpointChange(
            self.url, events, self.description, self.rate_per_second, self.max_in_flight, self.enabled
        )


class RotationIn(Strict):
    """How long the secrets before sign along."""

    overlap_seconds: int = Field(
        default=int(SECRET_OVERLAP.total_seconds()), ge=0, le=int(LONGEST_OVERLAP.total_seconds())
    )


class EndpointOut(BaseModel):
    """`hook_event` is set for hooks made by VdoCipher's API. `failing_since`: nothing but failures since then."""

    id: str
    kind: EndpointKind
    url: str
    events: list[str]
    hook_event: str | None
    description: str
    status: EndpointStatus
    disabled_reason: str | None
    disabled_at: datetime | None
    failing_since: datetime | None
    rate_per_second: int
    max_in_flight: int
    created_at: datetime
    updated_at: datetime


class EndpointWithSecretOut(EndpointOut):
    """`secret` is for a verifying library of Standard Webhooks. Shown this once."""

    secret: str = Field(examples=["whsec_…"])


class DeliveryOut(BaseModel):
    """`attempts` counts those of this `round`; a replay is a further round."""

    id: str
    endpoint_id: str
    event_id: str
    event_type: str
    state: DeliveryState
    reason: str | None
    round: int
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    finished_at: datetime | None


class AttemptOut(BaseModel):
    """Either `status` or `error`. `response_excerpt` is the beginning of the answer."""

    round: int
    number: int
    started_at: datetime
    duration_ms: int
    status: int | None
    error: str | None
    response_excerpt: str


class DeliveryDetailOut(DeliveryOut):
    """`body` is what is sent, as text; `log` has the attempts of all rounds."""

    body: str
    log: list[AttemptOut]


class DeliveriesOut(BaseModel):
    deliveries: list[DeliveryOut]
    next_cursor: str | None


class RangeIn(Strict):
    """Events of the endpoint's types from `since` to before `until`, but for those that arrived or are on their way."""

    endpoint_id: HexId
    since: AwareDatetime
    until: AwareDatetime


class ReplayedOut(BaseModel):
    replayed: int


class EventTypeOut(BaseModel):
    """`data_schema` is the JSON Schema of a message's `data`."""

    type: EventType
    description: str
    version: int
    data_schema: dict[str, Any]


def endpoint_out(endpoint: WebhookEndpoint) -> EndpointOut:
    return EndpointOut.model_validate(endpoint, from_attributes=True)


def endpoint_with_secret_out(made: EndpointWithSecret) -> EndpointWithSecretOut:
    return EndpointWithSecretOut(**endpoint_out(made.endpoint).model_dump(), secret=made.secret)


def delivery_out(delivery: WebhookDelivery) -> DeliveryOut:
    return DeliveryOut.model_validate(delivery, from_attributes=True)


def deliveries_out(page: DeliveryPage) -> DeliveriesOut:
    return DeliveriesOut(
        deliveries=[delivery_out(delivery) for delivery in page.deliveries], next_cursor=page.next_cursor
    )


def delivery_detail_out(delivery: WebhookDelivery, attempts: Sequence[WebhookAttempt]) -> DeliveryDetailOut:
    return DeliveryDetailOut(
        **delivery_out(delivery).model_dump(),
        body=delivery.body.decode(),
        log=[AttemptOut.model_validate(attempt, from_attributes=True) for attempt in attempts],
    )


def event_type_out(described: EventDescription) -> EventTypeOut:
    return EventTypeOut(
        type=described.type,
        description=described.description,
        version=described.version,
        data_schema=dict(described.data),
    )
