"""Where a resumable upload keeps what is not yet a part of its object."""

from __future__ import annotations

from core.db.models import ResumableUpload
from core.domain.upload_parts import PartPlan
from core.services.uploads.join_parts import OpenMultipart


def own_prefix(organisation_id: str, upload_id: str) -> str:
    return f"{organisation_id}/uploads/{upload_id}/"


def partial_key(organisation_id: str, upload_id: str) -> str:
    """The object of a partial upload."""
    return f"{own_prefix(organisation_id, upload_id)}piece"


def tail_prefix(upload: ResumableUpload) -> str:
    return f"{own_prefix(upload.organisation_id, upload.id)}tail/"


def tail_key(upload: ResumableUpload, received: int) -> str:
    """The bytes behind the last full part when `received` are safe: never overwritten with others."""
    return f"{tail_prefix(upload)}{received}"


def multipart_of(upload: ResumableUpload) -> OpenMultipart:
    return OpenMultipart(upload.object_key, upload.multipart_id, PartPlan(upload.length, upload.part_size))
