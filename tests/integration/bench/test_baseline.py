"""The yardstick makes what the plan says, so that it is worth comparing with."""

from __future__ import annotations

from pathlib import Path

from bench.baseline import OUTPUT, run_baseline
from bench.plan import plan_of
from bench.quality import packets
from core.settings import Settings
from tests.fixtures.clips import make_clip


async def test_plain_commands_make_the_planned_ladder_and_package_it(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", seconds=5, size="640x360")
    plan = await plan_of(clip, Settings(), tmp_path / "scratch")
    assert plan.video is not None
    run = await run_baseline(plan, clip, tmp_path / "plain")
    assert run.ffmpeg.cpu > 0
    for rendition in plan.video.renditions:
        found = await packets(run.directory / f"video-{rendition.name}.mp4")
        assert len(found) == plan.video.total_frames
        keys = [index for index, (_, key) in enumerate(found) if key]
        assert keys == list(range(0, plan.video.total_frames, plan.video.gop_frames))
        assert list((run.directory / OUTPUT / "video" / rendition.name).glob("*.m4s"))
    assert (run.directory / OUTPUT / "manifest.mpd").is_file()
    assert not (run.directory / "packager.flags").exists()
