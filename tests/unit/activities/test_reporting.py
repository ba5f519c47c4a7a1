"""Heartbeats as the proof that a step is still ours."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.errors import LeaseLost
from activities.reporting import _Reporter
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork
from core.domain.progress import Step, StepProgress

TARGET = VersionRef("0" * 32, "1" * 32, 1)
READING = StepProgress(0.5)


@pytest.fixture
def worker() -> ActivityEnvironment:
    """An activity that has to beat every 20 s."""
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, heartbeat_timeout=timedelta(seconds=20))
    return environment


def test_slow_but_regular_readings_are_heartbeats(worker: ActivityEnvironment, monkeypatch: pytest.MonkeyPatch) -> None:
    beats: list[object] = []
    worker.on_heartbeat = beats.append
    worker.run(report_at, monkeypatch, [0.0, 19.0, 38.0])
    assert beats == [READING] * 3


def test_worker_that_was_frozen_learns_that_its_step_is_gone(
    worker: ActivityEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats: list[object] = []
    worker.on_heartbeat = beats.append
    with pytest.raises(LeaseLost, match="25 s"):
        worker.run(report_at, monkeypatch, [1.0, 26.0])
    assert beats == [READING]


def report_at(monkeypatch: pytest.MonkeyPatch, moments: list[float]) -> None:
    """A reading at each moment, in seconds after the start."""
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    report = _Reporter(nobody, TARGET, Step.TRANSCODE, "chunk")
    for moment in moments:
        now = 1000.0 + moment
        report(READING)


def nobody() -> UnitOfWork:
    raise AssertionError("a reading alone is not written")
