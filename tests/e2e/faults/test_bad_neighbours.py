"""Broken files beside good ones: the good ones are published, the broken ones say what is wrong."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from tests.e2e.faults.conftest import Site
from tests.e2e.faults.publication import Publisher

pytestmark = pytest.mark.stack


async def test_good_files_finish_beside_broken_ones(
    site: Site, publisher: Publisher, short_clip: Path, tmp_path: Path
) -> None:
    data = short_clip.read_bytes()
    broken = {
        "noise.mp4": os.urandom(50_000),
        "half.mp4": data[: len(data) // 2],
        "playlist.mp4": b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n",
    }
    for name, content in broken.items():
        (tmp_path / name).write_bytes(content)
    worker = site.platform.media.pid
    files = [*(tmp_path / name for name in broken), short_clip, *(tmp_path / name for name in broken), short_clip]
    publications = await asyncio.gather(*(publisher.publish(path) for path in files))
    states = await asyncio.gather(*(publication.ended() for publication in publications))
    assert [state for path, state in zip(files, states, strict=True) if path == short_clip] == ["ready", "ready"]
    assert {state for path, state in zip(files, states, strict=True) if path != short_clip} == {"failed"}
    assert (site.platform.media.alive, site.platform.media.pid) == (True, worker)
    for path, publication in zip(files, publications, strict=True):
        if path != short_clip:
            assert await publication.objects() == {}, path.name
