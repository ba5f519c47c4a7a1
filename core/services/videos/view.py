"""A video as its owner sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.db.models import Video, VideoVariant, VideoVersion
from core.domain.failures import SENTENCES, FailureCode
from core.domain.variant import VariantKind
from core.domain.video import VideoState


@dataclass(frozen=True)
class Failure:
    """`code` is stable; `sentence` is for the owner."""

    code: str
    sentence: str


@dataclass(frozen=True)
class TrackView:
    """Pixels, bits per second, bytes."""

    kind: VariantKind
    name: str
    width: int | None
    height: int | None
    bitrate: int | None
    codec: str | None
    frame_rate: str | None
    language: str | None
    size: int


@dataclass(frozen=True)
class VersionView:
    """`rekeyed_from` is the version that has the same tracks under other keys, None for one that was uploaded.

    Its content keys change every `crypto_period_seconds`; None: they do not.
    """

    version: int
    status: VideoState
    filename: str
    size: int
    sha256: str | None
    antivirus: str | None
    scheme: str
    crypto_period_seconds: int | None
    rekeyed_from: int | None
    warnings: tuple[str, ...]
    failure: Failure | None
    created_at: datetime
    published_at: datetime | None


@dataclass(frozen=True)
class VideoSummary:
    """`duration` in whole seconds, None until published."""

    id: str
    title: str
    description: str
    status: VideoState
    duration: int | None
    current_version: int | None
    failure: Failure | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class VideoDetail:
    """`tracks` are those of the current version."""

    video: VideoSummary
    versions: tuple[VersionView, ...]
    tracks: tuple[TrackView, ...]


def summary_of(video: Video) -> VideoSummary:
    return VideoSummary(
        id=video.id,
        title=video.title,
        description=video.description,
        status=video.status,
        duration=video.duration,
        current_version=video.current_version,
        failure=failure_of(video.failure_code),
        created_at=video.created_at,
        updated_at=video.updated_at,
    )


def version_of(version: VideoVersion) -> VersionView:
    return VersionView(
        version=version.version,
        status=version.status,
        filename=version.source_filename,
        size=version.source_size,
        sha256=version.source_sha256,
        antivirus=version.antivirus,
        scheme=version.scheme,
        crypto_period_seconds=version.crypto_period_seconds,
        rekeyed_from=version.rekeyed_from,
        warnings=tuple(version.warnings),
        failure=failure_of(version.failure_code),
        created_at=version.created_at,
        published_at=version.published_at,
    )


def track_of(variant: VideoVariant) -> TrackView:
    return TrackView(
        kind=variant.kind,
        name=variant.resolution or "",
        width=variant.width,
        height=variant.height,
        bitrate=variant.bitrate,
        codec=variant.codec,
        frame_rate=variant.frame_rate,
        language=variant.language,
        size=variant.file_size,
    )


def detail_of(video: Video, versions: Sequence[VideoVersion], variants: Sequence[VideoVariant]) -> VideoDetail:
    return VideoDetail(
        summary_of(video), tuple(version_of(row) for row in versions), tuple(track_of(row) for row in variants)
    )


def failure_of(code: str | None) -> Failure | None:
    """The operator's detail stays inside: it can name hosts and files."""
    if code is None:
        return None
    known = FailureCode(code) if code in FailureCode.__members__.values() else FailureCode.PROCESSING_FAILED
    return Failure(code, SENTENCES[known])
