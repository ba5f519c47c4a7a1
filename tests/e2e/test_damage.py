"""A source that is sound at its beginning and damaged later."""

from __future__ import annotations

import random
from pathlib import Path

from rich.console import Console

from cli.api_client import api_client
from cli.ingest import follow, upload
from tests.fixtures.clips import make_clip
from tests.fixtures.platform import Platform


async def test_damage_behind_the_first_second_is_told_to_the_owner(platform: Platform, tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", seconds=12, size="640x360")
    data = bytearray(clip.read_bytes())
    begin, end = data.index(b"mdat"), len(data)
    noise = random.Random(7)
    # Sparse: every picture loses a few slices, none loses its start code.
    for position in range(begin + (end - begin) // 3, end - 20_000, 397):
        data[position] ^= noise.randrange(1, 256)
    clip.write_bytes(data)
    console = Console(quiet=True)
    async with api_client(platform.connection) as api:
        video_id = await upload(api, clip, "damaged", console)
        outcome = await follow(api, video_id, "damaged", console)
    assert outcome.state == "ready", outcome
    assert "DECODE_ERRORS" in outcome.warnings
