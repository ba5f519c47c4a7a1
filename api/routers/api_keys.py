"""API keys: create, look at, rotate, revoke."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.dependencies import ApiKeyEditor, ApiKeyReader, Cursor, Limit, Services, Signed
from api.errors import responses
from api.idempotent_route import IdempotentRoute
from api.schemas.api_keys import ApiKeyIn, CreatedApiKeyOut, RotationIn, created_out, key_order
from core.services.api_keys.create_api_key import create_api_key
from core.services.api_keys.list_api_keys import ApiKeyPage, list_api_keys
from core.services.api_keys.revoke_api_key import revoke_api_key
from core.services.api_keys.rotate_api_key import rotate_api_key

router = APIRouter(
    prefix="/v1/api-keys", tags=["access"], responses=responses(401, 403, 422, 503), route_class=IdempotentRoute
)

ApiKeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 lower-case hex digits.")]


@router.post("", status_code=201, responses=responses(409))
async def create_key(
    body: ApiKeyIn, caller: ApiKeyEditor, services: Services, signed: Signed, response: Response
) -> CreatedApiKeyOut:
    """The secret is in this answer only. Two active keys may have one name, so that one can follow the other."""
    response.headers["Cache-Control"] = "no-store"
    async with services.uow() as uow:
        created = await create_api_key(uow, caller.organisation_id, key_order(body), caller.permissions, signed(caller))
        await uow.commit()
    return created_out(created)


@router.get("")
async def read_keys(caller: ApiKeyReader, services: Services, limit: Limit = 20, cursor: Cursor = None) -> ApiKeyPage:
    """Newest first, with those that were revoked."""
    async with services.uow() as uow:
        return await list_api_keys(uow, caller.organisation_id, limit, cursor)


@router.post("/{api_key_id}/rotate", status_code=201, responses=responses(404, 409))
async def rotate_key(
    api_key_id: ApiKeyId,
    caller: ApiKeyEditor,
    services: Services,
    signed: Signed,
    response: Response,
    body: RotationIn | None = None,
) -> CreatedApiKeyOut:
    """A new secret with the same name, roles and networks; the old one goes on for a while, then expires."""
    response.headers["Cache-Control"] = "no-store"
    overlap = timedelta(seconds=(body or RotationIn()).overlap_seconds)
    async with services.uow() as uow:
        created = await rotate_api_key(
            uow, caller.organisation_id, api_key_id, overlap, caller.permissions, signed(caller)
        )
        await uow.commit()
    return created_out(created)


@router.delete("/{api_key_id}", status_code=204, responses=responses(404))
async def delete_key(api_key_id: ApiKeyId, caller: ApiKeyEditor, services: Services, signed: Signed) -> None:
    """It is refused from now on, everywhere within seconds. Safe to repeat."""
    async with services.uow() as uow:
        await revoke_api_key(uow, caller.organisation_id, api_key_id, signed(caller))
        await uow.commit()
