"""Captions for a video: one more track for its viewers, from the next manifest on."""

from __future__ import annotations

from core.adapters.packager.captions import caption_playlist
from core.contracts import object_keys
from core.db.models import VideoFile
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import InvalidInput
from core.domain.media.languages import UNDETERMINED, language_tag
from core.domain.media.webvtt import read_captions
from core.domain.video_file import FileKind
from core.ports import ObjectStorage
from core.services.files.list_files import FileView, file_view

_MOST_CAPTIONS = 100


async def add_captions(
    uow: UnitOfWork,
    storage: ObjectStorage,
    organisation_id: str,
    video_id: str,
    data: bytes,
    language: str,
    filename: str,
) -> FileView:
    """`data` is WebVTT, `language` an ISO 639 or BCP 47 code. One that is there already stays beside the new one.

    Raises NotFound, InvalidInput (CAPTIONS_INVALID), StorageUnavailable. The caller commits.
    """
    tag = language_tag(language)
    if tag == UNDETERMINED:
        raise InvalidInput("language: must be a code such as en, de or pt-BR", fields={"language": "unknown"})
    captions = read_captions(data)
    await uow.catalogue.lock(organisation_id, video_id)
    if len(await uow.files.captions(organisation_id, video_id)) >= _MOST_CAPTIONS:
        raise InvalidInput(f"A video has at most {_MOST_CAPTIONS} captions: delete some first.", code="FILE_LIMIT")
    number = await uow.files.next_number()
    key = object_keys.caption(organisation_id, video_id, f"{number}.vtt")
    playlist = object_keys.caption(organisation_id, video_id, f"{number}.m3u8")
    stored = await storage.put_bytes(key, captions.text.encode(), "text/vtt")
    await storage.put_bytes(
        playlist, caption_playlist(str(number), captions.end).encode(), "application/vnd.apple.mpegurl"
    )
    added = await uow.files.add(
        VideoFile(
            number=number,
            organisation_id=organisation_id,
            video_id=video_id,
            kind=FileKind.CAPTION,
            name=f"[{tag.upper()}] {filename}"[:300],
            object_key=key,
            size=stored.size,
            language=tag,
        )
    )
    return file_view(added)
