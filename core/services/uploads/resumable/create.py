"""Announce a resumable upload: a video's, or a piece of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from core.contracts.version_ref import VersionRef
from core.db.models import ResumableUpload, Video
from core.db.unit_of_work import UnitOfWork, UnitOfWorkFactory
from core.domain.errors import Conflict
from core.domain.tus.concatenation import Concatenation
from core.domain.tus.kind import UploadKind
from core.domain.upload_parts import plan_parts
from core.ports import ObjectStorage
from core.services.uploads.quota import refuse_over_quota
from core.services.uploads.resumable.places import partial_key
from core.services.uploads.start_upload import SourceFile, UploadLimits, open_version, refuse_unfit


@dataclass(frozen=True)
class Announced:
    """`source.size` is of no meaning for a final upload: it is the sum of its pieces. `header` is kept as it came."""

    title: str
    source: SourceFile
    header: str
    concatenation: Concatenation


@dataclass(frozen=True)
class Terms:
    """`expires_at` is when an unfinished upload is forgotten."""

    limits: UploadLimits
    now: datetime
    expires_at: datetime


async def create_resumable(
    factory: UnitOfWorkFactory, storage: ObjectStorage, organisation_id: str, announced: Announced, terms: Terms
) -> ResumableUpload:
    """Raises InvalidInput (FILE_TOO_LARGE, QUOTA_EXCEEDED), NotFound or Conflict for pieces of a final one. Commits."""
    kind = announced.concatenation.kind
    async with factory() as uow:
        if kind is UploadKind.PARTIAL:
            upload = await _open_piece(uow, storage, organisation_id, announced, terms)
        else:
            upload = await _open_video(uow, storage, organisation_id, announced, terms)
        await uow.commit()
    return upload


async def _open_piece(
    uow: UnitOfWork, storage: ObjectStorage, organisation_id: str, announced: Announced, terms: Terms
) -> ResumableUpload:
    refuse_unfit(announced.source, terms.limits)
    size, upload_id = announced.source.size, uuid4().hex
    await refuse_over_quota(uow, organisation_id, size, terms.limits.max_stored_bytes)
    key = partial_key(organisation_id, upload_id)
    upload = ResumableUpload(
        id=upload_id,
        organisation_id=organisation_id,
        kind=UploadKind.PARTIAL,
        object_key=key,
        multipart_id=await storage.create_multipart(key, "application/octet-stream"),
        length=size,
        part_size=plan_parts(size).part_size,
        metadata_header=announced.header,
        created_at=terms.now,
        expires_at=terms.expires_at,
    )
    uow.resumable_uploads.add(upload)
    return upload


async def _open_video(
    uow: UnitOfWork, storage: ObjectStorage, organisation_id: str, announced: Announced, terms: Terms
) -> ResumableUpload:
    wanted = announced.concatenation.pieces
    # In one order for everybody, so that no two requests wait for each other.
    locked = {upload_id: await _piece(uow, organisation_id, upload_id, terms.now) for upload_id in sorted(wanted)}
    pieces = [locked[upload_id] for upload_id in wanted]
    source = announced.source
    if pieces:
        source = SourceFile(source.filename, sum(piece.length for piece in pieces), source.content_type)
    refuse_unfit(source, terms.limits)
    # What the pieces hold has been counted; from here on the video counts instead.
    new = 0 if pieces else source.size
    await refuse_over_quota(uow, organisation_id, new, terms.limits.max_stored_bytes)
    upload = await _video_upload(uow, storage, VersionRef(organisation_id, uuid4().hex, 1), announced, source, terms)
    for place, piece in enumerate(pieces):
        piece.final_id, piece.place = upload.id, place
    return upload


async def _piece(uow: UnitOfWork, organisation_id: str, upload_id: str, now: datetime) -> ResumableUpload:
    """Raises NotFound, Conflict (PIECE_UNFIT) unless it is a finished partial upload that nobody has used."""
    piece = await uow.resumable_uploads.lock(organisation_id, upload_id, now)
    if piece.kind is not UploadKind.PARTIAL or piece.completed_at is None or piece.final_id is not None:
        text = "Only partial uploads that are finished, and have not been joined before, can be joined."
        raise Conflict(text, code="PIECE_UNFIT")
    return piece


async def _video_upload(
    uow: UnitOfWork,
    storage: ObjectStorage,
    target: VersionRef,
    announced: Announced,
    source: SourceFile,
    terms: Terms,
) -> ResumableUpload:
    uow.videos.add(Video(id=target.video_id, organisation_id=target.organisation_id, title=announced.title))
    await uow.videos.flush()
    await open_version(uow, storage, target, source, terms.limits)
    version = await uow.videos.version(target)
    upload = ResumableUpload(
        id=uuid4().hex,
        organisation_id=target.organisation_id,
        kind=announced.concatenation.kind,
        video_id=target.video_id,
        version=target.version,
        object_key=version.source_key,
        multipart_id=str(version.upload_id),
        length=source.size,
        part_size=version.part_size,
        metadata_header=announced.header,
        created_at=terms.now,
        expires_at=terms.expires_at,
    )
    uow.resumable_uploads.add(upload)
    await uow.videos.flush()
    return upload
