"""Files of a video: captions, posters, downloads (docs server/videomanagement/files/*)."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Query, Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from api.bounded_body import read_body
from api.compatible_route import CompatibleRouter
from api.dependencies import Services, VideoEditor, VideoId, VideoReader
from api.schemas.vdocipher.files import (
    CaptionOut,
    FileOut,
    NewPosterOut,
    RedirectOut,
    caption_out,
    file_out,
    new_poster,
)
from api.schemas.vdocipher.videos import Message
from core.domain.access.lenient_values import refused, text
from core.domain.media.pictures import MOST_BYTES
from core.domain.media.webvtt import is_webvtt
from core.services.files.add_captions import add_captions
from core.services.files.add_posters import add_posters
from core.services.files.download_file import download_file
from core.services.files.find_file import file_number
from core.services.files.list_files import list_files
from core.services.files.remove_file import remove_file
from core.services.videos.catalogue import read_entry

router = CompatibleRouter("/api/videos/{video_id}/files", "VdoCipher")

_FILES = re.compile(r"/api/videos/[^/]+/files/?", re.ASCII)
_ENVELOPE = 64 * 1024
_MOST_FIELDS = 20
_LONGEST_NAME = 200
_FORM = {
    "requestBody": {
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}
            }
        }
    }
}


def takes_files(path: str) -> bool:
    """Whether bodies of this path may be as large as a picture: the route itself counts them."""
    return _FILES.fullmatch(path) is not None


@dataclass(frozen=True)
class SentFile:
    name: str
    data: bytes = field(repr=False)


@router.get("")
async def read_files(video_id: VideoId, caller: VideoReader, services: Services) -> list[FileOut]:
    """Uploads, the tracks that play, captions and posters, in the order in which they came."""
    async with services.uow() as uow:
        return [file_out(each) for each in await list_files(uow, caller.organisation_id, video_id)]


@router.post("", openapi_extra=_FORM)
async def add_file(
    request: Request,
    video_id: VideoId,
    caller: VideoEditor,
    services: Services,
    language: Annotated[str | None, Query(description="Of captions, such as `en`.")] = None,
) -> CaptionOut | list[NewPosterOut]:
    """Captions in WebVTT, or a poster: PNG, JPEG or WebP, of which several sizes are made and shown from now on."""
    async with services.uow() as uow:
        await read_entry(uow, caller.organisation_id, video_id)
    code = text(language, "language", 100)
    sent = await _sent(request)
    if is_webvtt(sent.data) or code is not None:
        async with services.uow() as uow:
            added = await add_captions(
                uow, services.storage, caller.organisation_id, video_id, sent.data, code or "", sent.name
            )
            await uow.commit()
        return caption_out(added)
    pictures = await services.pictures.posters(sent.data)
    async with services.uow() as uow:
        posters = await add_posters(uow, services.storage, caller.organisation_id, video_id, pictures)
        await uow.commit()
    return [new_poster(each) for each in posters]


@router.get("/{file_id}")
async def read_file(video_id: VideoId, file_id: str, caller: VideoEditor, services: Services) -> RedirectOut:
    """Where the file can be fetched within the hour, for files that can be downloaded."""
    number = file_number(file_id)
    async with services.uow() as uow:
        address = await download_file(uow, services.storage, caller.organisation_id, video_id, number)
    return RedirectOut(redirect=address)


@router.delete("/{file_id}")
async def delete_file(video_id: VideoId, file_id: str, caller: VideoEditor, services: Services) -> Message:
    """Captions, or a poster that was uploaded."""
    number = file_number(file_id)
    async with services.uow() as uow:
        await remove_file(uow, services.storage, caller.organisation_id, video_id, number)
        await uow.commit()
    return Message(message="Deleted")


async def _sent(request: Request) -> SentFile:
    """The form's `file`, or the body itself where it is no form. Raises InvalidInput, HTTPException 413."""
    body = await read_body(request, MOST_BYTES + _ENVELOPE)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return _checked("", body)
    try:
        form = await MultiPartParser(request.headers, _once(body), max_files=1, max_fields=_MOST_FIELDS).parse()
    except (MultiPartException, KeyError, ValueError):
        raise refused("file", "the form cannot be read") from None
    try:
        given = form.get("file")
        if not isinstance(given, UploadFile):
            raise refused("file", "must be a file of the form")
        return _checked(given.filename or "", await given.read())
    finally:
        await form.close()


def _checked(filename: str, data: bytes) -> SentFile:
    """A name is for people alone; what none can read is left out of it."""
    if not data:
        raise refused("file", "there is nothing in it")
    name = "".join(each for each in re.split(r"[/\\]", filename)[-1] if each.isprintable())
    return SentFile(name.strip()[:_LONGEST_NAME] or "file", data)


async def _once(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body
    yield b""
