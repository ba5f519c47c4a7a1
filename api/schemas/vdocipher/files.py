"""Files as VdoCipher's clients know them."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from core.services.files.list_files import FileView


class FileStreamOut(BaseModel):
    contentType: str  # noqa: N815 - VdoCipher's names
    mimeType: str  # noqa: N815
    bandwidth: int


class FileParamsOut(BaseModel):
    streams: list[FileStreamOut]


class FileOut(BaseModel):
    """`size` in bytes, `time` in UTC, `bitrate` in bits per second, `enabled` 0 or 1."""

    id: int
    name: str
    size: int
    time: datetime
    enabled: int
    format: str | None
    height: int | None
    width: int | None
    bitrate: int | None
    video_codec: str | None
    audio_codec: str | None
    encryption_type: str | None = Field(description="cbcs, cenc or aes128.")
    lang: str | None
    isDownloadable: bool  # noqa: N815
    isDeletable: bool  # noqa: N815
    params: FileParamsOut


class CaptionOut(BaseModel):
    id: int
    time: datetime
    size: str = Field(description="For people: `5 kB`.")
    lang: str


class NewPosterOut(BaseModel):
    id: int
    format: str
    video_height: int
    video_width: int
    time: datetime
    size: int


class RedirectOut(BaseModel):
    redirect: str


def file_out(file: FileView) -> FileOut:
    return FileOut(
        id=file.number,
        name=file.name,
        size=file.size,
        time=file.created_at,
        enabled=int(file.enabled),
        format=file.format,
        height=file.height,
        width=file.width,
        bitrate=file.bitrate,
        video_codec=file.video_codec,
        audio_codec=file.audio_codec,
        encryption_type=file.encryption,
        lang=file.language,
        isDownloadable=file.object_key is not None,
        isDeletable=file.deletable,
        params=FileParamsOut(streams=_streams(file)),
    )


def caption_out(file: FileView) -> CaptionOut:
    return CaptionOut(
        id=file.number, time=file.created_at, size=f"{max(1, round(file.size / 1000))} kB", lang=file.language or ""
    )


def new_poster(file: FileView) -> NewPosterOut:
    return NewPosterOut(
        id=file.number,
        format=file.format or "",
        video_height=file.height or 0,
        video_width=file.width or 0,
        time=file.created_at,
        size=file.size,
    )


def _streams(file: FileView) -> list[FileStreamOut]:
    kind = "video" if file.video_codec else "audio" if file.audio_codec else None
    if kind is None:
        return []
    return [FileStreamOut(contentType=kind, mimeType=f"{kind}/mp4", bandwidth=file.bitrate or 0)]
