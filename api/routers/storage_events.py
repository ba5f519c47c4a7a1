"""Notifications of the object store: they only make us look sooner, and nothing in them is believed."""

from __future__ import annotations

import hmac
from typing import Annotated
from urllib.parse import unquote_plus

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field, SecretStr

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
    """Ceph sends no credential over plain HTTP; what its topic says in `OpaqueData` comes with every record."""

    s3: EventEntity = EventEntity()
    opaque_data: str = Field(default="", alias="opaqueData", max_length=1024)


class StorageEvents(BaseModel):
    """As S3 sends them (S3 User Guide, "Event message structure"); only keys are read."""

    records: list[EventRecord] = Field(default_factory=list, alias="Records", max_length=1000)


@router.post("", status_code=204)
async def create_storage_event(
    body: StorageEvents,
    services: Services,
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> None:
    """The store says that objects were created. Safe to repeat.

    Its secret is `Bearer`, the password of `Basic`, or the `opaqueData` of every record.
    """
    given = {credential_of(authorization)} if authorization else {record.opaque_data for record in body.records}
    _refuse_strangers(services.settings.storage_events_secret, given)
    async with services.uow() as uow:
        for record in body.records:
            await look_soon(uow, unquote_plus(record.s3.object.key), services.clock.now())
        await uow.commit()


def _refuse_strangers(secret: SecretStr | None, given: set[str]) -> None:
    """Raises Unauthenticated, always when no secret is set."""
    known = secret is not None and all(
        hmac.compare_digest(one.encode("utf-8", "replace"), secret.get_secret_value().encode()) for one in given
    )
    if not known or not given:
        raise Unauthenticated("Send the secret of the store's notifications.")
