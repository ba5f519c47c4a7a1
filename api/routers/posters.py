"""Posters under addresses that stay, for whoever has them: pages and lists of videos show these."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.dependencies import Services
from api.errors import responses
from api.object_response import ObjectResponse
from api.preconditions import Preconditions
from core.domain.errors import NotFound
from core.ports import ObjectNotFound
from core.services.files.public_poster import public_poster

router = APIRouter(prefix="/posters", tags=["media"])

_HEADERS = {
    "Accept-Ranges": "bytes",
    # Not for ever: the same number shows a new picture when the video is replaced, and none when it is deleted.
    "Cache-Control": "public, max-age=3600",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


@router.get("/{video_id}/{name}", response_class=Response, responses=responses(404, 416, 503))
async def read_poster(video_id: str, name: str, request: Request, services: Services) -> Response:
    """`<number>.jpg`, from the video's `posters`."""
    async with services.uow() as uow:
        key = await public_poster(uow, video_id, name)
    asked = Preconditions.of(request.headers)
    try:
        etag = (await services.storage.stat(key)).etag if asked.need_etag else None
        if etag is not None and asked.has_current(etag):
            return Response(status_code=304, headers=_HEADERS | {"ETag": f'"{etag}"'})
        body = await services.storage.open(key, asked.range_for(etag))
    except ObjectNotFound:
        raise NotFound("There is no such poster.") from None
    return ObjectResponse(body, "image/jpeg", _HEADERS)
