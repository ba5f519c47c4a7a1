"""What happened: as a use case tells it, and as the outbox keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.domain.webhooks.event_types import EventType


@dataclass(frozen=True)
class NewEvent:
    """`object_id` is whose versions count; `payload` is the message's data, as JSON has it.

    An `id` makes it once only, however often it is told; without one, each is an event of its own.
    """

    organisation_id: str
    type: EventType
    object_id: str
    payload: Mapping[str, Any] = field(repr=False)
    id: str | None = None


@dataclass(frozen=True)
class Event:
    """`object_version` grows from one event of an object to the next."""

    id: str
    organisation_id: str
    type: EventType
    schema_version: int
    occurred_at: datetime
    object_id: str
    object_version: int
    payload: Mapping[str, Any] = field(repr=False)
