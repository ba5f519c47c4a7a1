"""`python -m bench`: see docs/guides/performance.md for what the numbers mean."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from temporalio.client import WorkflowFailureError

from bench import machine
from bench.baseline import run_baseline
from bench.chunking import chunking_ratio
from bench.clip import ClipFailed, default_clip, require_tools
from bench.measured import CommandFailed
from bench.pipeline import NotPublished, publish
from bench.plan import plan_of
from bench.quality import Quality, QualityUnknown, compare
from bench.report import Round, as_dict, print_report
from bench.servers import Platform, running_platform
from cli.stack.errors import StackError
from core.domain.failures import VideoRejected
from core.domain.media.plan import EncodingPlan
from core.settings import Settings
from workers.client import connect

WORK = Path(__file__).parents[1] / ".sealcast" / "bench"
_EXPECTED = (
    ClipFailed,
    CommandFailed,
    NotPublished,
    QualityUnknown,
    StackError,
    VideoRejected,
    WorkflowFailureError,
    OSError,
)


def main(
    clip: Annotated[Path | None, typer.Option(help="Another clip than the 54 s of 1080p.", exists=True)] = None,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often; the median is what counts.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Everything that was measured, on stdout.")] = False,
    quality: Annotated[bool, typer.Option(help="Compare the results with each other and with the source.")] = True,
    chunking: Annotated[bool, typer.Option("--chunking", help="Also encode in one piece, to price the cuts.")] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the work directory where it is, and say where.")] = False,
) -> None:
    """CPU and wall time of a publication beside one plain ffmpeg command and one packager run, as ratios."""
    console = Console(stderr=as_json)
    work = Path(tempfile.mkdtemp(prefix="sealcast-bench-"))
    try:
        found = asyncio.run(_bench(console, work, clip, rounds, check_quality=quality, price_cuts=chunking))
    except _EXPECTED as error:
        console.print(f"[bold red]no result:[/] {error or type(error).__name__}", highlight=False)
        raise typer.Exit(1) from None
    finally:
        if keep:
            console.print(f"kept: {work}", highlight=False, soft_wrap=True)
        else:
            shutil.rmtree(work, ignore_errors=True)
    if as_json:
        print(json.dumps(found, default=str))


async def _bench(
    console: Console, work: Path, clip: Path | None, count: int, *, check_quality: bool, price_cuts: bool
) -> dict[str, object]:
    require_tools()
    clip = (clip or await default_clip(WORK)).resolve()
    plan = await plan_of(clip, Settings(), work / "plan")
    facts = {"machine": machine.describe(), "clip": clip.name, "seconds": plan.duration, "chunks": _chunks(plan)}
    console.print(", ".join(f"{name}: {value}" for name, value in facts.items()), highlight=False)
    async with running_platform(work / "data", lambda line: console.print(f"  {line}", style="dim")) as platform:
        rounds = [await _round(console, platform, plan, clip, work / f"round-{n}") for n in range(1, count + 1)]
        console.print("comparing …" if check_quality else "", style="dim")
        compared = await _compared(platform, rounds[-1], plan, clip, work) if check_quality else None
    cuts = await chunking_ratio(plan, clip, work / "chunking") if price_cuts else None
    print_report(console, rounds, compared, cuts)
    return as_dict(rounds, compared, cuts, facts)


def _chunks(plan: EncodingPlan) -> int:
    return len(plan.video.chunks) if plan.video else 0


async def _round(console: Console, platform: Platform, plan: EncodingPlan, clip: Path, directory: Path) -> Round:
    before = machine.load()
    console.print("plain ffmpeg and packager …", style="dim")
    async with machine.occupation() as during_baseline:
        baseline = await run_baseline(plan, clip, directory)
    console.print("the pipeline …", style="dim")
    client = await connect(platform.settings)
    async with machine.occupation() as during_pipeline:
        job = await publish(platform, client, clip)
    return Round(
        baseline=baseline,
        pipeline=job,
        load=(before, machine.load()),
        foreign_baseline=during_baseline.by_others(baseline.ffmpeg.cpu + baseline.packager.cpu),
        foreign_pipeline=during_pipeline.by_others(job.cpu + sum(job.servers.values())),
    )


async def _compared(platform: Platform, last: Round, plan: EncodingPlan, clip: Path, work: Path) -> Quality:
    return await compare(platform, last.pipeline.video_id, last.baseline, plan, clip, work / "published")


if __name__ == "__main__":
    typer.run(main)
