"""Hooks, as VdoCipher's clients manage them (docs server/account/hooks). The bodies of its answers are documented
nowhere: a hook is shown as it was asked for, with the `uuid` that DELETE wants."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from api.bounded_body import read_body
from api.compatible_route import CompatibleRouter
from api.dependencies import Services, WebhookEditor
from core.db.models import WebhookEndpoint
from core.domain.errors import InvalidInput
from core.domain.webhooks.endpoint import EndpointStatus
from core.services.webhooks.hooks import create_hook, list_hooks, remove_hook

router = CompatibleRouter("/api/hooks", "webhooks")

_MOST_BYTES = 16 * 1024


class HookOut(BaseModel):
    """`status` is 1 while it is sent to. `secret`, of a new one only, verifies the headers of Standard Webhooks."""

    uuid: str
    type: str
    value: str
    event: str
    status: int
    secret: str | None = None


class HookMessage(BaseModel):
    message: str


def _body(**properties: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {name: {"type": kind} for name, kind in properties.items()}}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


async def _fields(request: Request) -> Mapping[str, Any]:
    """Of a JSON object, whatever its content type says. Raises InvalidInput, HTTPException 413."""
    try:
        given = json.loads(await read_body(request, _MOST_BYTES) or b"{}")
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise InvalidInput("The body is not a JSON object.", fields={"body": "must be a JSON object"})
    return given


Fields = Annotated[Mapping[str, Any], Depends(_fields)]


@router.get("", response_model_exclude_none=True)
async def read_hooks(caller: WebhookEditor, services: Services) -> list[HookOut]:
    """Oldest first."""
    async with services.uow() as uow:
        return [_hook(endpoint) for endpoint in await list_hooks(uow, caller.organisation_id)]


@router.post("", openapi_extra=_body(type="string", value="string", event="string", status="integer"))
async def create_hook_(caller: WebhookEditor, fields: Fields, services: Services, response: Response) -> HookOut:
    """The secret is shown this once."""
    response.headers["Cache-Control"] = "no-store"
    async with services.uow() as uow:
        made = await create_hook(
            uow, services.vault, services.egress_policy, caller.organisation_id, fields, services.clock.now()
        )
        await uow.commit()
    return _hook(made.endpoint, made.secret)


@router.delete("", openapi_extra=_body(uuid="string"))
async def delete_hook(caller: WebhookEditor, fields: Fields, services: Services) -> HookMessage:
    """Named by the `uuid` in the body."""
    async with services.uow() as uow:
        await remove_hook(uow, caller.organisation_id, str(fields.get("uuid", "")))
        await uow.commit()
    return HookMessage(message="Deleted")


def _hook(endpoint: WebhookEndpoint, secret: str | None = None) -> HookOut:
    return HookOut(
        uuid=endpoint.id,
        type="http",
        value=endpoint.url,
        event=endpoint.hook_event or "",
        status=int(endpoint.status is EndpointStatus.ACTIVE),
        secret=secret,
    )
