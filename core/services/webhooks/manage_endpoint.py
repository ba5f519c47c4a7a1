"""Endpoints of webhooks: made, changed, removed, and given new secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from core.db.models import WebhookEndpoint
from core.db.unit_of_work import UnitOfWork
from core.domain.egress.destination import EgressPolicy, parse_destination
from core.domain.errors import Conflict
from core.domain.webhooks.endpoint import (
    DEFAULT_IN_FLIGHT,
    DEFAULT_RATE,
    HOOK_EVENTS,
    MOST_ENDPOINTS,
    DisabledReason,
    EndpointKind,
)
from core.domain.webhooks.message import secret_text
from core.ports import RootKeyVault
from core.services.webhooks.disable_endpoint import disable_endpoint, enable_endpoint
from core.services.webhooks.secrets import add_secret


@dataclass(frozen=True)
class EndpointWish:
    """`events` are event types, none for all of them. `hook_event` makes it a hook as VdoCipher's."""

    url: str = field(repr=False)
    events: tuple[str, ...] = ()
    description: str = ""
    rate_per_second: int = DEFAULT_RATE
    max_in_flight: int = DEFAULT_IN_FLIGHT
    hook_event: str | None = None


@dataclass(frozen=True)
class EndpointChange:
    """None leaves what there is. `enabled` False disables, True enables."""

    url: str | None = field(default=None, repr=False)
    events: tuple[str, ...] | None = None
    description: str | None = None
    rate_per_second: int | None = None
    max_in_flight: int | None = None
    enabled: bool | None = None


@dataclass(frozen=True)
class EndpointWithSecret:
    """`secret`, as verifying libraries take it, is shown this once."""

    endpoint: WebhookEndpoint
    secret: str = field(repr=False)


async def create_endpoint(
    uow: UnitOfWork, vault: RootKeyVault, policy: EgressPolicy, organisation_id: str, wish: EndpointWish, now: datetime
) -> EndpointWithSecret:
    """Raises InvalidInput for an address that may not be called, Conflict (TOO_MANY_ENDPOINTS). The caller commits."""
    parse_destination(wish.url, policy)
    if await uow.webhook_endpoints.count(organisation_id) >= MOST_ENDPOINTS:
        raise Conflict(f"There are {MOST_ENDPOINTS} endpoints already; remove one first.", code="TOO_MANY_ENDPOINTS")
    hooked = wish.hook_event is not None
    endpoint = WebhookEndpoint(
        id=uuid4().hex,
        organisation_id=organisation_id,
        kind=EndpointKind.VDOCIPHER if hooked else EndpointKind.STANDARD,
        url=wish.url,
        events=[HOOK_EVENTS[wish.hook_event].value] if wish.hook_event is not None else sorted(set(wish.events)),
        hook_event=wish.hook_event,
        description=wish.description,
        rate_per_second=wish.rate_per_second,
        max_in_flight=wish.max_in_flight,
        created_at=now,
        updated_at=now,
    )
    uow.webhook_endpoints.add(endpoint)
    await uow.webhook_endpoints.flush()
    return EndpointWithSecret(endpoint, secret_text(await add_secret(uow, vault, endpoint, now)))


async def update_endpoint(
    uow: UnitOfWork,
    policy: EgressPolicy,
    organisation_id: str,
    endpoint_id: str,
    change: EndpointChange,
    now: datetime,
) -> WebhookEndpoint:
    """Raises NotFound, InvalidInput, Conflict for the events of a hook. The caller commits."""
    if change.url is not None:
        parse_destination(change.url, policy)
    endpoint = await uow.webhook_endpoints.lock(organisation_id, endpoint_id)
    if change.events is not None and endpoint.kind is EndpointKind.VDOCIPHER:
        raise Conflict("What a VdoCipher hook is about cannot be changed: remove it and make another.")
    for name in ("url", "description", "rate_per_second", "max_in_flight"):
        if (value := getattr(change, name)) is not None:
            setattr(endpoint, name, value)
    if change.events is not None:
        endpoint.events = sorted(set(change.events))
    if change.enabled is True:
        enable_endpoint(endpoint)
    elif change.enabled is False:
        await disable_endpoint(uow, endpoint, DisabledReason.OWNER, now)
    endpoint.updated_at = now
    return endpoint


async def remove_endpoint(uow: UnitOfWork, organisation_id: str, endpoint_id: str) -> None:
    """With its log; what is on its way to it is not tried again. Raises NotFound. The caller commits."""
    await uow.webhook_endpoints.lock(organisation_id, endpoint_id)
    await uow.webhook_endpoints.remove(organisation_id, endpoint_id)


async def rotate_secret(
    uow: UnitOfWork, vault: RootKeyVault, organisation_id: str, endpoint_id: str, overlap: timedelta, now: datetime
) -> EndpointWithSecret:
    """The ones before sign along for `overlap`. Raises NotFound, KeyUnavailable. The caller commits."""
    endpoint = await uow.webhook_endpoints.lock(organisation_id, endpoint_id)
    await uow.webhook_endpoints.retire_secrets(organisation_id, endpoint_id, now + overlap)
    return EndpointWithSecret(endpoint, secret_text(await add_secret(uow, vault, endpoint, now)))
