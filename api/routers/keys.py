"""Content keys, by their ids. No route of this module ever shows a key."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.dependencies import ContentKeyEditor, Services
from api.errors import responses
from core.request_id import current_request_id
from core.services.keys.revoke_content_key import revoke_content_key

router = APIRouter(prefix="/v1/keys", tags=["keys"], responses=responses(401, 404, 409, 422, 503))

Kid = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="A key id: 32 lower-case hex digits.")]


@router.post("/{kid}/revoke", status_code=204)
async def revoke_key(kid: Kid, caller: ContentKeyEditor, services: Services) -> Response:
    """No licence holds the key from now on. There is no way back; re-keying the video gives it new ones."""
    async with services.uow() as uow:
        await revoke_content_key(uow, caller.organisation_id, kid, caller.actor, current_request_id())
        await uow.commit()
    return Response(status_code=204)
