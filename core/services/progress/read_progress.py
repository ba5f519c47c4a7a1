"""A publication's progress as people see it, out of the readings of its pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.contracts.version_ref import VersionRef
from core.db.models import PublishStep, VideoVersion
from core.db.unit_of_work import UnitOfWork
from core.domain.progress import IMPORT_WEIGHTS, REKEY_WEIGHTS, WEIGHTS, Step, StepState, overall, remaining_seconds
from core.domain.video import VideoState
from core.services.videos.view import Failure, failure_of

_FINAL = frozenset(set(VideoState) - {VideoState.PRE_UPLOAD, VideoState.QUEUED, VideoState.PROCESSING})

_STALE = timedelta(seconds=30)
"""A piece that has said nothing for so long is not running at the speed it last reported."""


@dataclass(frozen=True)
class StepView:
    """`fraction` 0..1; frames per second and media seconds per second over all running pieces; wall-clock seconds."""

    step: Step
    state: StepState
    fraction: float
    fps: float | None
    speed: float | None
    note: str
    seconds: float | None
    items_done: int
    items: int


@dataclass(frozen=True)
class VideoProgress:
    """`final` means that nothing will change any more without somebody asking for it."""

    video_id: str
    version: int
    status: VideoState
    final: bool
    failure: Failure | None
    fraction: float
    elapsed_seconds: float | None
    remaining_seconds: float | None
    steps: tuple[StepView, ...]


async def read_progress(uow: UnitOfWork, organisation_id: str, video_id: str, now: datetime) -> VideoProgress:
    """Of the newest version. Raises NotFound."""
    version = await uow.videos.latest_version(organisation_id, video_id)
    rows = await uow.progress.of_version(VersionRef(organisation_id, video_id, version.version))
    return progress_of(version, rows, now)


def progress_of(version: VideoVersion, rows: Sequence[PublishStep], now: datetime) -> VideoProgress:
    """Pure: the same rows at the same instant give the same view."""
    final = version.status in _FINAL
    if final and rows:
        # Time stands still for a publication that is over.
        now = max(row.updated_at for row in rows)
    weights = _weights(version, rows)
    steps = tuple(_step(step, [row for row in rows if row.step is step], now, final=final) for step in weights)
    fraction = 1.0 if version.published_at else overall(((view.step, view.fraction) for view in steps), weights)
    elapsed = _elapsed(rows, now)
    return VideoProgress(
        video_id=version.video_id,
        version=version.version,
        status=version.status,
        final=final,
        failure=failure_of(version.failure_code),
        fraction=fraction,
        elapsed_seconds=elapsed,
        remaining_seconds=None if final or elapsed is None else remaining_seconds(fraction, elapsed),
        steps=steps,
    )


def _weights(version: VideoVersion, rows: Sequence[PublishStep]) -> Mapping[Step, float]:
    if version.rekeyed_from is not None:
        return REKEY_WEIGHTS
    imported = version.import_pending or any(row.step is Step.FETCH for row in rows)
    return IMPORT_WEIGHTS if imported else WEIGHTS


def _step(step: Step, rows: Sequence[PublishStep], now: datetime, *, final: bool) -> StepView:
    running = [row for row in rows if row.state is StepState.RUNNING]
    live = [] if final else [row for row in running if now - row.updated_at < _STALE]
    weight = sum(row.weight for row in rows)
    latest = max(live, key=lambda row: row.updated_at, default=None)
    return StepView(
        step=step,
        state=_state(rows, final=final),
        fraction=sum(row.weight * row.fraction for row in rows) / weight if weight else 0.0,
        fps=_sum([row.fps for row in live]),
        speed=_sum([row.speed for row in live]),
        note=latest.note if latest else "",
        seconds=_seconds(rows, now),
        items_done=sum(row.state is StepState.DONE for row in rows),
        items=len(rows),
    )


def _state(rows: Sequence[PublishStep], *, final: bool) -> StepState:
    states = {row.state for row in rows}
    if final and StepState.RUNNING in states:
        # It was at work when the publication ended.
        return StepState.FAILED
    if StepState.FAILED in states:
        return StepState.FAILED
    if states == {StepState.DONE}:
        return StepState.DONE
    return StepState.RUNNING if states & {StepState.RUNNING, StepState.DONE} else StepState.WAITING


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _seconds(rows: Sequence[PublishStep], now: datetime) -> float | None:
    """From the first piece's start to the last one's end, or until now."""
    starts = [row.started_at for row in rows if row.started_at is not None]
    if not starts:
        return None
    ends = [row.finished_at for row in rows]
    last = now if None in ends else max(end for end in ends if end is not None)
    return max(0.0, (last - min(starts)).total_seconds())


def _elapsed(rows: Sequence[PublishStep], now: datetime) -> float | None:
    starts = [row.started_at for row in rows if row.started_at is not None]
    return max(0.0, (now - min(starts)).total_seconds()) if starts else None
