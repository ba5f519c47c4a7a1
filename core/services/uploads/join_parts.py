"""Make one object of the parts that were sent. Safe to repeat, also by several requests at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.domain.errors import Conflict
from core.domain.upload_parts import PartPlan
from core.ports import ObjectNotFound, ObjectStorage, StorageUnavailable, UploadedPart

_LISTED = 10
"""How many missing parts the error names."""


@dataclass(frozen=True)
class OpenMultipart:
    """What is to become the object at `key`."""

    key: str
    upload_id: str
    parts: PartPlan


async def join_parts(storage: ObjectStorage, upload: OpenMultipart) -> None:
    """Raises Conflict (PARTS_MISSING) when parts are absent or of another size than planned."""
    sent = await sent_parts(storage, upload)
    missing = _missing(upload.parts, sent)
    if not missing:
        try:
            await storage.complete_multipart(upload.key, upload.upload_id, sent)
        except ObjectNotFound:
            # Another request was faster, or an earlier one lost its answer.
            missing = [part.number for part in sent]
        except StorageUnavailable:
            # So may this be: radosgw answers 500 to all but one of several at once.
            if not await _is_there(storage, upload):
                raise
    if missing and not await _is_there(storage, upload):
        names = ", ".join(str(number) for number in missing[:_LISTED])
        raise Conflict(
            f"These parts are missing or have the wrong size: {names}.", code="PARTS_MISSING", fields={"parts": names}
        )


async def sent_parts(storage: ObjectStorage, upload: OpenMultipart) -> list[UploadedPart]:
    """None of an upload that is over."""
    try:
        return await storage.list_parts(upload.key, upload.upload_id)
    except ObjectNotFound:
        return []


def _missing(parts: PartPlan, sent: Sequence[UploadedPart]) -> list[int]:
    """Numbers of parts that are absent, of another size than planned, or too many."""
    sizes = {part.number: part.size for part in sent}
    wrong = [number for number in range(1, parts.count + 1) if sizes.get(number) != parts.size_of(number)]
    return wrong + [number for number in sizes if not 1 <= number <= parts.count]


async def _is_there(storage: ObjectStorage, upload: OpenMultipart) -> bool:
    try:
        return (await storage.stat(upload.key)).size == upload.parts.size
    except ObjectNotFound:
        return False
