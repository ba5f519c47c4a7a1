"""What was begun and is not whole."""

from __future__ import annotations

from fastapi import APIRouter

from api.dependencies import Cursor, Limit, Services, Uploader
from api.errors import responses
from core.services.uploads.resumable.list_unfinished import UnfinishedPage, list_unfinished

router = APIRouter(prefix="/v1/uploads", tags=["uploads"], responses=responses(401, 422, 503))


@router.get("")
async def read_unfinished_uploads(
    caller: Uploader, services: Services, limit: Limit = 20, cursor: Cursor = None
) -> UnfinishedPage:
    """Resumable uploads that are not whole yet, newest first."""
    async with services.uow() as uow:
        return await list_unfinished(uow, caller.organisation_id, services.clock.now(), limit, cursor)
