"""URLs to which the uploader sends the parts, straight to the object store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.db.unit_of_work import UnitOfWork
from core.domain.errors import Conflict, InvalidInput
from core.domain.upload_parts import PartPlan
from core.domain.video import VideoState
from core.ports import ObjectStorage

MOST_AT_ONCE = 1000


@dataclass(frozen=True)
class PresignedPart:
    """Part `number` is `size` bytes, to be PUT to `url`."""

    number: int
    size: int
    url: str


async def presign_parts(
    uow: UnitOfWork,
    storage: ObjectStorage,
    organisation_id: str,
    video_id: str,
    numbers: Sequence[int],
    expires: timedelta,
) -> list[PresignedPart]:
    """Raises NotFound, Conflict when the upload is over, InvalidInput for a part the file does not have."""
    version = await uow.videos.latest_version(organisation_id, video_id)
    if version.status is not VideoState.PRE_UPLOAD or version.upload_id is None:
        raise Conflict(f"The upload is over: the version is {version.status.value}.")
    parts = PartPlan(version.source_size, version.part_size)
    if len(numbers) > MOST_AT_ONCE or any(not 1 <= number <= parts.count for number in numbers):
        text = f"up to {MOST_AT_ONCE} numbers between 1 and {parts.count}"
        raise InvalidInput("The file has no such parts.", fields={"parts": text})
    return [
        PresignedPart(
            number,
            parts.size_of(number),
            await storage.presign_part(version.source_key, version.upload_id, number, expires),
        )
        for number in numbers
    ]
