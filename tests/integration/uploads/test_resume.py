"""tuspy against the running API, either of them killed in the middle: the object is the file, and memory stays flat.

`make campaign` does so with a file of 1 GiB.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from core.adapters.s3 import S3Storage
from core.domain.upload_parts import MEBIBYTE
from core.settings import Settings
from tests.integration.uploads.conftest import UploadServer

FULL = os.environ.get("SEALCAST_CAMPAIGN") == "full"
SIZE = (1024 if FULL else 48) * MEBIBYTE + 12_345
CHUNK = (64 if FULL else 5) * MEBIBYTE
MOST_GROWTH = 40 * MEBIBYTE
"""Three parts of 8 MiB, their copies on the way to the store's socket, and what the allocator keeps."""

pytestmark = [pytest.mark.stack, pytest.mark.campaign, pytest.mark.timeout(0 if FULL else 300)]


@pytest.fixture
async def storage(settings: Settings) -> AsyncIterator[S3Storage]:
    store = S3Storage.from_settings(settings)
    yield store
    await store.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Mostly holes; what is not differs from one MiB to the next."""
    path, noise = tmp_path / "big.mp4", random.Random(5)
    with path.open("wb") as writing:
        writing.truncate(SIZE)
        for at in range(0, SIZE, MEBIBYTE):
            writing.seek(at)
            writing.write(noise.randbytes(64))
    return path


async def test_a_client_that_is_killed_goes_on_and_the_server_stays_small(
    server: UploadServer, storage: S3Storage, file: Path
) -> None:
    _whole(server, _small(file))
    with _largest_growth(server) as growth:
        with server.upload(file, CHUNK) as client:
            address = _read_until(client, SIZE // 3)
            client.kill()
        assert 0 < _whole(server, file, address) <= SIZE
    assert growth[0] < MOST_GROWTH, f"{growth[0] / MEBIBYTE:.0f} MiB"
    await _is_the_file(server, storage, file)


async def test_a_server_that_is_killed_loses_nothing_it_acknowledged(
    server: UploadServer, storage: S3Storage, file: Path
) -> None:
    with server.upload(file, CHUNK) as client:
        address = _read_until(client, SIZE // 3)
        server.kill()
        server.start()
        offsets = client.communicate()[0].split()
    assert client.returncode == 0
    assert int(offsets[-1]) == SIZE
    assert _whole(server, file, address) == SIZE
    await _is_the_file(server, storage, file)


def _small(file: Path) -> Path:
    """For a first upload, with which everything is loaded that takes memory once."""
    path = file.with_name("small")
    path.write_bytes(bytes(9 * MEBIBYTE))
    return path


def _whole(server: UploadServer, file: Path, address: str | None = None) -> int:
    """Send it, or the rest of it; from which offset."""
    client = server.upload(file, CHUNK, address)
    found = client.communicate()[0].split()
    assert client.returncode == 0
    return int(found[1]) if len(found) > 1 else file.stat().st_size


def _read_until(client: subprocess.Popen[str], offset: int) -> str:
    """Until the client knows that so much has arrived; the upload's address."""
    assert client.stdout is not None
    address = client.stdout.readline().strip()
    while int(client.stdout.readline() or offset) < offset:
        pass
    return address


@contextmanager
def _largest_growth(server: UploadServer) -> Iterator[list[int]]:
    """Of the server's resident memory, in bytes, while the block runs."""
    assert server.process is not None
    process, done = psutil.Process(server.process.pid), threading.Event()
    before, growth = process.memory_info().rss, [0]

    def watch() -> None:
        while not done.is_set():
            growth[0] = max(growth[0], process.memory_info().rss - before)
            time.sleep(0.02)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield growth
    finally:
        done.set()
        watching.join()


async def _is_the_file(server: UploadServer, storage: S3Storage, file: Path) -> None:
    published = server.published()[-1]
    assert server.published().count(published) == 1
    stored, expected = hashlib.sha256(), hashlib.sha256()
    async for piece in (await storage.open(f"{published}/v1/original")).chunks():
        stored.update(piece)
    with file.open("rb") as reading:
        while piece := reading.read(MEBIBYTE):
            expected.update(piece)
    assert stored.hexdigest() == expected.hexdigest()
    assert await storage.list(f"{server.organisation_id}/uploads/") == []
