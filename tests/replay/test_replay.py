"""Recorded histories still replay: a running workflow survives the next deploy."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.replay.scenarios import SCENARIOS
from workers.client import DATA_CONVERTER
from workers.registry import WORKFLOWS

HISTORIES = Path(__file__).parent / "histories"
RECORDED = sorted(HISTORIES.glob("*/*.json"))


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}/{path.stem}")
async def test_recorded_history_replays(path: Path) -> None:
    history = WorkflowHistory.from_json(path.stem, path.read_text(encoding="utf-8"))
    await Replayer(workflows=list(WORKFLOWS), data_converter=DATA_CONVERTER).replay_workflow(history)


def test_every_scenario_of_every_workflow_is_recorded() -> None:
    recorded = {(path.parent.name, path.stem) for path in RECORDED}
    assert recorded == {(scenario.workflow, scenario.name) for scenario in SCENARIOS}
    names = {scenario.workflow for scenario in SCENARIOS}
    assert names == {workflow.__name__ for workflow in WORKFLOWS}
