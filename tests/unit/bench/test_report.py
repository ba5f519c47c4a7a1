from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bench.accounting import UNNAMED, ToolRun
from bench.baseline import BaselineRun
from bench.history import ActivityRun
from bench.measured import Cost
from bench.pipeline import PipelineRun
from bench.report import Round, middle, print_report


def round_with(ffmpeg: float, wall: float = 60) -> Round:
    tools = [
        ToolRun("ffmpeg", 5, ffmpeg - 2),
        ToolRun(UNNAMED, 2, 1),
        ToolRun("ffmpeg", 41, 1),
        ToolRun("packager", 45, 2),
    ]
    job = PipelineRun(
        video_id="v",
        begin=0,
        ready=wall,
        cpu=ffmpeg + 10,
        python={"media": 8},
        runs=tools,
        servers={"postgres": 1},
        peak_sum_bytes=10,
        activities=[
            ActivityRun("transcode_chunk", "media", 0, 0, 40),
            ActivityRun("make_storyboard", "media", 40, 40, 42),
            ActivityRun("package", "media", 42, 42, 57),
        ],
    )
    return Round(BaselineRun(Cost(100, 50, 7), Cost(2, 1, 9), Path()), job, (1, 2), 0.5, 0.5)


def test_ratios_are_taken_within_a_round() -> None:
    ratios = round_with(100).ratios()
    assert ratios["ffmpeg_cpu"] == 1.0
    assert ratios["job_cpu"] == pytest.approx(110 / 102)
    assert ratios["wall"] == pytest.approx(60 / 51)
    assert ratios["packaging_share"] == pytest.approx(2 / 110)
    assert ratios["pictures_share"] == pytest.approx(1 / 110)
    assert ratios["orchestration_share"] == pytest.approx(3 / 60)


def test_one_slow_round_does_not_move_the_median() -> None:
    assert middle([round_with(100), round_with(300), round_with(98)])["ffmpeg_cpu"] == 1.0


def test_report_says_what_was_missed_and_what_was_reached() -> None:
    said = StringIO()
    print_report(Console(file=said, width=200), [round_with(96, wall=90)], None)
    lines = {line.strip().split("  ")[0]: line for line in said.getvalue().splitlines()}
    assert lines["CPU of ffmpeg and ffprobe ÷ plain ffmpeg"].rstrip().endswith("stretch")
    assert lines["wall, upload to ready ÷ wall of (plain ffmpeg + packager)"].rstrip().endswith("missed")
