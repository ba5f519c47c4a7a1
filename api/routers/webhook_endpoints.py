"""Where an organisation is told of what happens, and of what it can be told."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.dependencies import Services, WebhookEditor
from api.errors import responses
from api.idempotent_route import IdempotentRoute
from api.schemas.webhooks import (
    DeliveryOut,
    EndpointIn,
    EndpointOut,
    EndpointPatch,
    EndpointWithSecretOut,
    EventTypeOut,
    RotationIn,
    delivery_out,
    endpoint_out,
    endpoint_with_secret_out,
    event_type_out,
)
from core.domain.webhooks.event_types import EVENT_TYPES
from core.services.webhooks.manage_endpoint import (
    EndpointChange,
    create_endpoint,
    remove_endpoint,
    rotate_secret,
    update_endpoint,
)
from core.services.webhooks.send_test import send_test

router = APIRouter(prefix="/v1", tags=["webhooks"], responses=responses(401, 422, 503), route_class=IdempotentRoute)

EndpointId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 lower-case hex digits.")]


@router.get("/webhook-event-types")
async def read_event_types(_: WebhookEditor) -> list[EventTypeOut]:
    """What there is to be told of, and the JSON Schema of each message's `data`."""
    return [event_type_out(described) for described in EVENT_TYPES.values()]


@router.post("/webhook-endpoints", status_code=201, responses=responses(409))
async def create_webhook_endpoint(
    body: EndpointIn, caller: WebhookEditor, services: Services, response: Response
) -> EndpointWithSecretOut:
    """The secret is shown this once."""
    response.headers["Cache-Control"] = "no-store"
    async with services.uow() as uow:
        made = await create_endpoint(
            uow,
            services.vault,
            services.egress_policy,
            caller.organisation_id,
            body.wish(),
            services.clock.now(),
        )
        await uow.commit()
    return endpoint_with_secret_out(made)


@router.get("/webhook-endpoints")
async def read_webhook_endpoints(caller: WebhookEditor, services: Services) -> list[EndpointOut]:
    """Oldest first, VdoCipher's hooks among them."""
    async with services.uow() as uow:
        endpoints = await uow.webhook_endpoints.all(caller.organisation_id)
    return [endpoint_out(endpoint) for endpoint in endpoints]


@router.get("/webhook-endpoints/{endpoint_id}", responses=responses(404))
async def read_webhook_endpoint(endpoint_id: EndpointId, caller: WebhookEditor, services: Services) -> EndpointOut:
    async with services.uow() as uow:
        return endpoint_out(await uow.webhook_endpoints.get(caller.organisation_id, endpoint_id))


@router.patch("/webhook-endpoints/{endpoint_id}", responses=responses(404, 409))
async def update_webhook_endpoint(
    endpoint_id: EndpointId, body: EndpointPatch, caller: WebhookEditor, services: Services
) -> EndpointOut:
    """From the next attempt on, for what is on its way too."""
    return await _changed(services, caller, endpoint_id, body.change())


@router.post("/webhook-endpoints/{endpoint_id}/enable", responses=responses(404))
async def enable_webhook_endpoint(endpoint_id: EndpointId, caller: WebhookEditor, services: Services) -> EndpointOut:
    """Send to it again. What happened meanwhile comes by a replay only. Safe to repeat."""
    return await _changed(services, caller, endpoint_id, EndpointChange(enabled=True))


@router.delete("/webhook-endpoints/{endpoint_id}", status_code=204, responses=responses(404))
async def delete_webhook_endpoint(endpoint_id: EndpointId, caller: WebhookEditor, services: Services) -> None:
    """With its log. What is on its way to it is not tried again."""
    async with services.uow() as uow:
        await remove_endpoint(uow, caller.organisation_id, endpoint_id)
        await uow.commit()


@router.post("/webhook-endpoints/{endpoint_id}/rotate-secret", responses=responses(404))
async def rotate_webhook_secret(
    endpoint_id: EndpointId, body: RotationIn, caller: WebhookEditor, services: Services, response: Response
) -> EndpointWithSecretOut:
    """A new secret, shown this once. Messages are signed with the old one too until the overlap is over."""
    response.headers["Cache-Control"] = "no-store"
    async with services.uow() as uow:
        made = await rotate_secret(
            uow,
            services.vault,
            caller.organisation_id,
            endpoint_id,
            timedelta(seconds=body.overlap_seconds),
            services.clock.now(),
        )
        await uow.commit()
    return endpoint_with_secret_out(made)


@router.post("/webhook-endpoints/{endpoint_id}/test", status_code=202, responses=responses(404, 409))
async def create_test_event(endpoint_id: EndpointId, caller: WebhookEditor, services: Services) -> DeliveryOut:
    """Send it a `webhook.test`, whatever its types are. Look the delivery up to see what came back."""
    async with services.uow() as uow:
        delivery = await send_test(uow, caller.organisation_id, endpoint_id, services.clock.now())
        await uow.commit()
    return delivery_out(delivery)


async def _changed(services: Services, caller: WebhookEditor, endpoint_id: str, change: EndpointChange) -> EndpointOut:
    async with services.uow() as uow:
        endpoint = await update_endpoint(
            uow, services.egress_policy, caller.organisation_id, endpoint_id, change, services.clock.now()
        )
        await uow.commit()
    return endpoint_out(endpoint)
