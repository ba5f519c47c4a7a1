"""A file goes in over the API, and what comes out is right."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from cli.api_client import api_client
from cli.ingest import follow, upload
from core.adapters.s3 import S3Storage
from tests.fixtures.clips import make_clip
from tests.fixtures.platform import Platform


async def test_clip_is_published_with_its_ladder_and_leaves_no_work_behind(platform: Platform, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", seconds=5, size="854x480")
    console = Console(quiet=True)
    async with api_client(platform.connection) as api:
        video_id = await upload(api, clip, "clip", console)
        outcome = await follow(api, video_id, "clip", console)
    assert outcome.state == "ready", outcome
    assert sorted(rendition["name"] for rendition in outcome.renditions) == ["240p", "360p", "480p"]
    assert set(outcome.seconds_per_step) == {
        "ingest",
        "inspect",
        "plan",
        "transcode",
        "assemble",
        "package",
        "verify",
        "publish",
    }
    objects = [stat.key for stat in await S3Storage.from_settings(platform.settings).list("") if video_id in stat.key]
    assert objects
    assert not [key for key in objects if "/interim/" in key]
