"""Notifications of the object store: they only make us look sooner, and nothing in them is believed."""

from __future__ import annotations

import hmac
from typing import Annotated
from urllib.parse import unquote_plus

from fastapi import APIRouter, Depends, Header
from pydantic import BaseModel, Field

from api.dependencies import Services, credential_of
from api.errors import responses
from core.domain.errors import Unauthenticated
from core.services.uploads.notice_arrivals import look_soon

router = APIRouter(prefix="/v1/storage-events", tags=["uploads"], responses=responses(401, 422, 503))


class EventObject(BaseModel):
    key: str = Field(default="", max_length=4096)


class EventEntity(BaseModel):
    object: EventObject = EventObject()


class EventRecord(BaseModel):
    s3: EventEntity = EventEntity()


class StorageEvents(BaseModel):
    """As S3 sends them (S3 User Guide, "Event message structure"); only keys are read."""

    records: list[EventRecord] = Field(default_factory=list, alias="Records", max_length=1000)


async def require_store(
    services: Services, authorization: Annotated[str | None, Header(include_in_schema=False)] = None
) -> None:
    """Raises Unauthenticated, always when no secret is set."""
    secret = services.settings.storage_events_secret
    given = credential_of(authorization).encode("utf-8", "replace")
    if secret is None or not hmac.compare_digest(given, secret.get_secret_value().encode()):
        raise Unauthenticated("Send the secret of the store's notifications, as Bearer or as password of Basic.")


@router.post("", status_code=204, dependencies=[Depends(require_store)])
async def create_storage_event(body: StorageEvents, services: Services) -> None:
    """The store says that objects were created. Safe to repeat."""
    async with services.uow() as uow:
        for record in body.records:
            await look_soon(uow, unquote_plus(record.s3.object.key), services.clock.now())
        await uow.commit()
