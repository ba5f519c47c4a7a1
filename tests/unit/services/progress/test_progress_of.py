"""A publication's progress out of its rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.db.models import PublishStep, VideoVersion
from core.domain.progress import WEIGHTS, Step, StepState
from core.domain.video import VideoState
from core.services.progress.items import transcode_weights
from core.services.progress.read_progress import StepView, progress_of
from tests.fixtures.published_video import PLAN

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def version(status: VideoState = VideoState.PROCESSING, **fields: Any) -> VideoVersion:
    return VideoVersion(
        id="1" * 32,
        organisation_id="2" * 32,
        video_id="3" * 32,
        version=1,
        status=status,
        source_filename="x",
        source_key="x",
        source_size=1,
        part_size=1,
        scheme="cbcs",
        **fields,
    )


def row(step: Step, state: StepState, item: str = "", *, age: float = 0, **fields: Any) -> PublishStep:
    """`age`: seconds since the row was written."""
    fields = {"started_at": NOW - timedelta(seconds=100), "weight": 1.0, "fraction": 0.0} | fields
    return PublishStep(
        organisation_id="2" * 32,
        video_id="3" * 32,
        version=1,
        step=step,
        item=item,
        state=state,
        updated_at=NOW - timedelta(seconds=age),
        **fields,
    )


def step_of(rows: list[PublishStep], step: Step = Step.TRANSCODE) -> StepView:
    return next(view for view in progress_of(version(), rows, NOW).steps if view.step is step)


def test_before_anything_ran_every_step_waits() -> None:
    view = progress_of(version(VideoState.QUEUED), [], NOW)
    assert {step.state for step in view.steps} == {StepState.WAITING}
    assert [step.step for step in view.steps] == list(WEIGHTS)
    assert (view.fraction, view.elapsed_seconds, view.remaining_seconds, view.final) == (0.0, None, None, False)


def test_pieces_count_by_their_weight() -> None:
    rows = [
        row(Step.TRANSCODE, StepState.DONE, "a", weight=3.0, fraction=1.0),
        row(Step.TRANSCODE, StepState.WAITING, "b", weight=1.0, started_at=None),
    ]
    view = step_of(rows)
    assert (view.fraction, view.items, view.items_done, view.state) == (0.75, 2, 1, StepState.RUNNING)


def test_rates_add_up_over_running_pieces_that_still_report() -> None:
    rows = [
        row(Step.TRANSCODE, StepState.RUNNING, "a", fps=30.0, speed=1.0, note="old", age=5),
        row(Step.TRANSCODE, StepState.RUNNING, "b", fps=10.0, speed=0.5, note="new", age=1),
        row(Step.TRANSCODE, StepState.RUNNING, "dead worker", fps=99.0, speed=9.0, age=60),
        row(Step.TRANSCODE, StepState.DONE, "c", fps=77.0, speed=7.0, age=0),
    ]
    view = step_of(rows)
    assert (view.fps, view.speed, view.note) == (40.0, 1.5, "new")


def test_a_step_lasts_from_its_first_start_to_its_last_end() -> None:
    ends = [NOW - timedelta(seconds=70), NOW - timedelta(seconds=40)]
    rows = [row(Step.VERIFY, StepState.DONE, str(end), fraction=1.0, finished_at=end) for end in ends]
    view = step_of(rows, Step.VERIFY)
    assert (view.state, view.seconds) == (StepState.DONE, 60.0)
    running = step_of([*rows, row(Step.VERIFY, StepState.RUNNING, "x")], Step.VERIFY)
    assert running.seconds == 100.0


def test_the_remaining_time_follows_the_pace_so_far() -> None:
    view = progress_of(version(), [row(Step.TRANSCODE, StepState.RUNNING, fraction=0.5)], NOW)
    assert view.elapsed_seconds == 100.0
    assert view.remaining_seconds == pytest.approx(100.0 * (1 - 0.425) / 0.425)


def test_a_publication_that_failed_shows_where_and_stands_still() -> None:
    rows = [
        row(Step.INSPECT, StepState.DONE, fraction=1.0, finished_at=NOW - timedelta(seconds=90), age=90),
        row(Step.PLAN, StepState.RUNNING, fps=5.0, age=80),
    ]
    failed = version(VideoState.FAILED, failure_code="CORRUPT")
    first, later = progress_of(failed, rows, NOW), progress_of(failed, rows, NOW + timedelta(days=1))
    assert first == later
    states = {step.step: step.state for step in first.steps}
    assert (states[Step.INSPECT], states[Step.PLAN]) == (StepState.DONE, StepState.FAILED)
    assert first.final
    assert first.failure is not None
    assert first.failure.code == "CORRUPT"
    assert all(step.fps is None for step in first.steps)


def test_a_published_version_is_whole_even_where_steps_were_not_needed() -> None:
    view = progress_of(version(VideoState.READY, published_at=NOW), [], NOW)
    assert (view.fraction, view.final) == (1.0, True)


def test_every_piece_of_the_plan_is_announced_with_its_weight() -> None:
    weights = transcode_weights(PLAN)
    assert set(weights) == {"chunk-00000", "chunk-00001", "audio-0-eng", "text-0-deu"}
    assert (weights["chunk-00000"], weights["chunk-00001"]) == (10.0, 2.5)
    assert 0 < weights["text-0-deu"] < weights["audio-0-eng"] < 1
