"""The media worker's scratch space is full: its steps are tried again until somebody frees it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.faults.conftest import Site
from tests.e2e.faults.playing import play
from tests.e2e.faults.publication import Publication, Publisher, is_hit, until
from tests.e2e.faults.steps import attempt_under_way
from tests.fixtures.fault_proxy import Fault, Trouble

pytestmark = pytest.mark.stack

_SIZE = 24 * 1024**2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MiB, as root may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small file system")
    command = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(place)]
    done = subprocess.run(command, check=False, capture_output=True)
    if done.returncode:
        pytest.skip(f"this machine lets nobody mount a tmpfs: {done.stderr.decode().strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


async def test_full_disk_is_waited_for_in_every_step(
    site: Site, publisher: Publisher, short_clip: Path, small_disk: Path
) -> None:
    """First nothing fits, then the source does and its chunk does not, at last all but the packaged files."""
    site.platform.media.stop()
    worker = site.start_media(SEALCAST_SCRATCH_DIR=str(small_disk / "scratch"))
    try:
        fill(small_disk, leave=0)
        publication = await publisher.publish(short_clip)
        await until(lambda: full(publication, "inspect_source"), "a full disk while fetching")
        fill(small_disk, leave=short_clip.stat().st_size + 64 * 1024)
        await until(lambda: full(publication, "transcode_chunk"), "a full disk while encoding")
        with site.orchestration_store.fault(Fault(Trouble.HOLD, "GET", "/interim/plan.json")) as issuing:
            (small_disk / "fill").unlink()
            await until(lambda: is_hit(issuing), "the issue of keys")
            fill(small_disk, leave=64 * 1024)
        await until(lambda: full(publication, "package"), "a full disk while packaging")
        (small_disk / "fill").unlink()
        assert await publication.ended() == "ready"
        assert (await play(publication)).proves(4.0)
    finally:
        worker.stop()


def fill(disk: Path, *, leave: int) -> None:
    """One file that takes everything but `leave` bytes."""
    path = disk / "fill"
    path.unlink(missing_ok=True)
    free = os.statvfs(disk)
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_bsize - leave))


async def full(publication: Publication, step: str) -> bool:
    attempt, failure = await attempt_under_way(publication.workflow, step)
    assert await publication.state() in {"queued", "processing"}, publication.failure()
    return attempt >= 2 and failure in {"ScratchFull", "OSError"}
