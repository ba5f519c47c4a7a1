"""Ratios of one round, their middle over several, and the table beside the bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

from rich.console import Console
from rich.table import Table

from bench.baseline import BaselineRun
from bench.history import covered_seconds, seconds_by_activity
from bench.pipeline import PipelineRun
from bench.quality import Quality

_MEGABYTE = 1e6
_GIGABYTE = 1e9


@dataclass(frozen=True)
class Target:
    """A value that should not be exceeded; `stretch` is what would be better still. `unit` is how to write it."""

    key: str
    text: str
    bar: float
    stretch: float | None = None
    unit: Literal["ratio", "share", "GB"] = "ratio"

    def show(self, value: float) -> str:
        return {"ratio": f"{value:.3f}", "share": f"{value:.2%}", "GB": f"{value:.2f} GB"}[self.unit]


TARGETS = (
    Target("ffmpeg_cpu", "CPU of ffmpeg and ffprobe ÷ plain ffmpeg", 1.05, 0.97),
    Target("job_cpu", "CPU of the whole job ÷ (plain ffmpeg + packager)", 1.10, 1.00),
    Target("wall", "wall, upload to ready ÷ wall of (plain ffmpeg + packager)", 1.20, 1.10),
    Target("packaging_share", "packaging's share of the job's CPU", 0.02, None, unit="share"),
    Target("pictures_share", "storyboard's and posters' share of the job's CPU", 0.01, None, unit="share"),
    Target("orchestration_share", "share of wall without a media activity at work", 0.08, 0.04, unit="share"),
    Target("ladder_peak", "peak memory of a ladder's ffmpeg", 0.6, 0.45, unit="GB"),
    Target("packager_peak", "peak memory of the packager", 0.8, unit="GB"),
)
_CUTS = Target("chunking", "CPU in chunks ÷ CPU in one piece", 1.08, 1.04)


@dataclass(frozen=True)
class Round:
    """`load` is the machine's load average before and after; `foreign` how many processors others used meanwhile."""

    baseline: BaselineRun
    pipeline: PipelineRun
    load: tuple[float, float]
    foreign_baseline: float
    foreign_pipeline: float

    def ratios(self) -> dict[str, float]:
        plain, packager, job = self.baseline.ffmpeg, self.baseline.packager, self.pipeline
        covered = covered_seconds(job.activities, job.begin, job.ready)
        return {
            "ffmpeg_cpu": job.ffmpeg_seconds / plain.cpu,
            "job_cpu": job.cpu / (plain.cpu + packager.cpu),
            "wall": job.wall / (plain.wall + packager.wall),
            "packaging_share": job.tools.get("packager", 0.0) / job.cpu,
            "pictures_share": job.picture_seconds / job.cpu,
            "orchestration_share": 1 - covered / job.wall,
            "ladder_peak": job.peak_tool_bytes.get("ffmpeg", 0) / _GIGABYTE,
            "packager_peak": job.peak_tool_bytes.get("packager", 0) / _GIGABYTE,
        }


def middle(rounds: Sequence[Round]) -> dict[str, float]:
    """The median of each ratio; ratios are taken within a round, because the machine's speed drifts."""
    all_ratios = [each.ratios() for each in rounds]
    return {key: median(ratios[key] for ratios in all_ratios) for key in all_ratios[0]}


def print_report(
    console: Console, rounds: Sequence[Round], quality: Quality | None, chunking: float | None = None
) -> None:
    _print_ratios(console, rounds, chunking)
    _print_costs(console, rounds)
    if quality is not None:
        _print_quality(console, quality)


def _print_ratios(console: Console, rounds: Sequence[Round], chunking: float | None) -> None:
    table = Table("ratio", *[f"round {n}" for n in range(1, len(rounds) + 1)], "median", "bar", "stretch", "", box=None)
    found = middle(rounds)
    for target in TARGETS:
        each = [target.show(one.ratios()[target.key]) for one in rounds]
        table.add_row(target.text, *each, *_judged(target, found[target.key]))
    if chunking is not None:
        table.add_row(_CUTS.text, *["" for _ in rounds], *_judged(_CUTS, chunking))
    console.print(table)


def _judged(target: Target, value: float) -> list[str]:
    verdict = "[green]reached[/]" if value <= target.bar else "[red]missed[/]"
    if target.stretch is not None and value <= target.stretch:
        verdict = "[bold green]stretch[/]"
    stretch = "" if target.stretch is None else target.show(target.stretch)
    return [target.show(value), target.show(target.bar), stretch, verdict]


def _print_costs(console: Console, rounds: Sequence[Round]) -> None:
    for number, one in enumerate(rounds, 1):
        plain, packager, job = one.baseline.ffmpeg, one.baseline.packager, one.pipeline
        console.print(f"\n[bold]Round {number}[/], load {one.load[0]:.1f} → {one.load[1]:.1f}", highlight=False)
        lines = {
            "plain ffmpeg": f"{plain.cpu:.1f} CPU s, {plain.wall:.1f} s, {_mb(plain.peak_bytes)}",
            "plain packager": f"{packager.cpu:.1f} CPU s, {packager.wall:.1f} s, {_mb(packager.peak_bytes)}",
            "pipeline": f"{job.cpu:.1f} CPU s, {job.wall:.1f} s, at most {_mb(job.peak_sum_bytes)} together",
            "  tools": _seconds(job.tools),
            "  our processes": _seconds(job.python),
            "  largest tools": ", ".join(f"{name} {_mb(size)}" for name, size in job.peak_tool_bytes.items()),
            "  steps, wall": _seconds(seconds_by_activity(job.activities)),
            "servers (not counted)": _seconds(job.servers),
            "used by others": f"{one.foreign_baseline:.2f} and {one.foreign_pipeline:.2f} processors",
        }
        for name, text in lines.items():
            console.print(f"  {name:<22} {text}", highlight=False, soft_wrap=True)


def _print_quality(console: Console, quality: Quality) -> None:
    grid = "equal in every rendition" if quality.grids_equal else f"differ in {', '.join(quality.differing)}"
    console.print("\n[bold]The same film?[/] published against plain", highlight=False)
    console.print(f"  frames, times, key frames: {grid} ({quality.frames} frames)", highlight=False)
    console.print(
        f"  bytes {quality.size_difference:+.2%}; top rendition against the source: "
        f"SSIM {quality.pipeline.ssim:.5f} / {quality.baseline.ssim:.5f}, "
        f"PSNR {quality.pipeline.psnr:.2f} / {quality.baseline.psnr:.2f} dB",
        highlight=False,
    )


def _mb(size: int) -> str:
    return f"{size / _MEGABYTE:.0f} MB"


def _seconds(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {seconds:.2f} s" for name, seconds in values.items())


def as_dict(
    rounds: Sequence[Round], quality: Quality | None, chunking: float | None, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything that was measured, for --json."""
    return {
        **facts,
        "ratios": middle(rounds),
        "chunking": chunking,
        "bars": {target.key: {"bar": target.bar, "stretch": target.stretch} for target in TARGETS},
        "rounds": [_round(one) for one in rounds],
        "quality": None
        if quality is None
        else {**vars(quality), "pipeline": vars(quality.pipeline), "baseline": vars(quality.baseline)},
    }


def _round(one: Round) -> dict[str, Any]:
    job = one.pipeline
    return {
        "ratios": one.ratios(),
        "load": one.load,
        "used_by_others": {"baseline": one.foreign_baseline, "pipeline": one.foreign_pipeline},
        "plain_ffmpeg": vars(one.baseline.ffmpeg),
        "plain_packager": vars(one.baseline.packager),
        "pipeline": {
            "cpu": job.cpu,
            "wall": job.wall,
            "tools": job.tools,
            "processes": job.python,
            "servers": job.servers,
            "peak_tool_bytes": job.peak_tool_bytes,
            "peak_sum_bytes": job.peak_sum_bytes,
            "activities": [vars(run) for run in job.activities],
        },
    }
