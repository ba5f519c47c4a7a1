"""Takes the form of upload credentials in and hands it to the store, where the store does not answer it as S3 does."""

from __future__ import annotations

from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response

from api.compatible_route import CompatibleRoute, compatible_responses
from api.dependencies import Services
from api.form_relay import read_head
from api.upload_body import body_pieces
from core.adapters.s3_form_relay import send_form
from core.domain.errors import InvalidInput
from core.services.uploads.notice_arrivals import confirm_awaited, look_soon
from core.services.uploads.start_form_upload import MOST_BYTES

PATH = "/api/upload-form"

router = APIRouter(tags=["uploads"], route_class=CompatibleRoute, responses=compatible_responses(400, 404, "4XX", 503))

_MOST_AROUND = 256 * 1024
_PASSED_ON = ("content-type", "etag", "location")


@router.post(PATH, status_code=201)
async def create_form_upload(request: Request, services: Services) -> Response:
    """The `uploadLink` of credentials. The store checks the form's signature and conditions; its answer comes back."""
    length = request.headers.get("content-length")
    if length is None or int(length) > MOST_BYTES + _MOST_AROUND:
        raise InvalidInput("Say in Content-Length how long the form is; a file has at most 5 GiB.")
    content_type = request.headers.get("content-type", "")
    with services.upload_slots.one():
        pieces = body_pieces(request)
        head = await read_head(content_type, pieces)
        async with services.uow() as uow:
            await confirm_awaited(uow, head.key)
        whole = _joined(head.data, pieces)
        answer = await send_form(services.settings, content_type, int(length) - head.dropped, whole)
    if answer.status < 300:
        async with services.uow() as uow:
            await look_soon(uow, head.key, services.clock.now())
            await uow.commit()
    headers = {name: answer.headers[name] for name in _PASSED_ON if name in answer.headers}
    return Response(answer.body, answer.status, headers)


async def _joined(head: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield head
    async for piece in pieces:
        yield piece
