"""All that belongs to a video: what was uploaded, the tracks that play, captions, posters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath

from core.contracts.version_ref import VersionRef
from core.db.models import VideoFile, VideoVariant, VideoVersion
from core.db.unit_of_work import UnitOfWork
from core.domain.variant import VariantKind
from core.domain.video import VideoState
from core.domain.video_file import FileKind

_KEPT = frozenset({VideoState.QUEUED, VideoState.PROCESSING, VideoState.READY})
_FORMATS = {FileKind.CAPTION: "vtt", FileKind.POSTER: "jpeg"}


@dataclass(frozen=True)
class FileView:
    """Bytes, pixels, bits per second. `object_key` None: many objects, which nobody downloads as one."""

    number: int
    name: str
    size: int
    created_at: datetime
    format: str | None
    object_key: str | None
    enabled: bool = True
    width: int | None = None
    height: int | None = None
    bitrate: int | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    encryption: str | None = None
    language: str | None = None
    deletable: bool = False


async def list_files(uow: UnitOfWork, organisation_id: str, video_id: str) -> list[FileView]:
    """By number, which is the order in which they came. Raises NotFound."""
    video = (await uow.catalogue.get(organisation_id, video_id)).video
    versions = await uow.videos.versions(organisation_id, video_id)
    current = next((version for version in versions if version.version == video.current_version), None)
    found = [_original(each) for each in versions if each.status in _KEPT and each.rekeyed_from is None]
    if current is not None:
        variants = await uow.variants.of_version(VersionRef(organisation_id, video_id, current.version))
        found += [_track(variant, current.scheme) for variant in variants]
    found += [file_view(file) for file in await uow.files.of_video(organisation_id, video_id)]
    return sorted(found, key=lambda each: each.number)


def file_view(file: VideoFile) -> FileView:
    """Posters that we made go with their version, not before."""
    return FileView(
        number=file.number or 0,
        name=file.name,
        size=file.size,
        created_at=file.created_at,
        format=_FORMATS[file.kind],
        object_key=file.object_key,
        enabled=file.enabled,
        width=file.width,
        height=file.height,
        language=file.language,
        deletable=file.version is None,
    )


def _original(version: VideoVersion) -> FileView:
    return FileView(
        number=version.file_number or 0,
        name=version.source_filename,
        size=version.source_size,
        created_at=version.created_at,
        format=PurePosixPath(version.source_filename).suffix.removeprefix(".").lower() or None,
        object_key=version.source_key,
    )


def _track(variant: VideoVariant, scheme: str) -> FileView:
    text = variant.kind is VariantKind.SUBTITLE
    return FileView(
        number=variant.file_number or 0,
        name=variant.resolution or "",
        size=variant.file_size,
        created_at=variant.created_at,
        format="vtt" if text else "cmaf",
        object_key=None,
        bitrate=variant.bitrate,
        video_codec=variant.codec if variant.kind is VariantKind.VIDEO else None,
        audio_codec=variant.codec if variant.kind is VariantKind.AUDIO else None,
        encryption=None if text else scheme,
        language=variant.language,
    )
