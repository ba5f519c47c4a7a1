"""Keep one reading of one item's progress."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.models.columns import utc_now
from core.db.unit_of_work import UnitOfWork
from core.domain.progress import Step, StepProgress, StepState

_OVER = frozenset({StepState.DONE, StepState.FAILED})
_NOTE = 500


async def write_progress(
    uow: UnitOfWork, target: VersionRef, step: Step, item: str, state: StepState, reading: StepProgress
) -> None:
    """The newest reading wins, whatever was there: a retried piece starts again. The caller commits."""
    now = utc_now()
    values = {
        "state": state,
        "fraction": min(1.0, max(0.0, reading.fraction)),
        "fps": reading.fps,
        "speed": reading.speed,
        "note": reading.note.replace("\0", "")[:_NOTE],
        "started_at": now,
        "finished_at": now if state in _OVER else None,
    }
    await uow.progress.write(target, step, item, values)
