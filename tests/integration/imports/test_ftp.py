"""Sources over FTP, from a real server."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from core.adapters.egress.resolution import Resolve
from core.domain.egress.destination import EgressPolicy
from core.domain.failures import FailureCode, VideoRejected
from core.domain.imports import ImportPolicy
from core.domain.progress import StepProgress
from core.ports import PeerFailed
from tests.fixtures.ftp_server import FtpSite, ftp_server
from tests.fixtures.private_server import private_server
from tests.integration.imports.conftest import Importer

pytestmark = pytest.mark.stack

PART = 8 * 1024**2
DATA = random.Random(3).randbytes(PART + 1_000_000)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FtpSite]:
    (tmp_path / "a film.mp4").write_bytes(DATA)
    with ftp_server(tmp_path) as running:
        yield running


async def test_a_file_is_fetched_with_the_addresss_credentials(importer: Importer, site: FtpSite) -> None:
    target = await importer.start(f"ftp://user:pass%20word@127.0.0.1:{site.port}/a%20film.mp4")
    await importer.fetch(target)
    assert await importer.stored(target) == DATA
    assert "USER user" in site.commands
    version, row = await importer.rows(target)
    assert (version.source_filename, row.origin) == ("a film.mp4", f"ftp://127.0.0.1:{site.port}")
    assert "pass" not in repr(row)


async def test_without_credentials_it_is_anonymous_and_broken_transfers_go_on(
    importer: Importer, site: FtpSite
) -> None:
    site.hang_up_after = 5_000_000
    target = await importer.start(f"ftp://127.0.0.1:{site.port}/a%20film.mp4")
    await importer.fetch(target)
    assert await importer.stored(target) == DATA
    assert "USER anonymous" in site.commands
    assert any(command.startswith("REST ") for command in site.commands)


async def test_a_lost_worker_costs_less_than_a_part(importer: Importer, site: FtpSite) -> None:
    def lost(reading: StepProgress) -> None:
        if int(reading.note.split()[0]) > PART + 500_000:
            raise KeyboardInterrupt

    target = await importer.start(f"ftp://127.0.0.1:{site.port}/a%20film.mp4")
    with pytest.raises(KeyboardInterrupt):
        await importer.fetch(target, lost)
    await importer.fetch(target)
    assert await importer.stored(target) == DATA
    assert [command for command in site.commands if command.startswith("REST")] == [f"REST {PART}"]


@pytest.mark.parametrize("without", ["EPSV", "MDTM", "SIZE"])
async def test_old_servers_do_too(importer: Importer, site: FtpSite, without: str) -> None:
    site.without = {without}
    target = await importer.start(f"ftp://127.0.0.1:{site.port}/a%20film.mp4")
    await importer.fetch(target)
    assert await importer.stored(target) == DATA


@pytest.mark.parametrize(
    ("login", "path", "code"),
    [
        ("", "missing.mp4", FailureCode.SOURCE_NOT_FOUND),
        ("", "", FailureCode.SOURCE_NOT_FOUND),
        ("user:wrong@", "a%20film.mp4", FailureCode.SOURCE_FORBIDDEN),
    ],
)
async def test_answers_that_will_not_change_are_final(
    importer: Importer, site: FtpSite, login: str, path: str, code: FailureCode
) -> None:
    target = await importer.start(f"ftp://{login}127.0.0.1:{site.port}/{path}")
    with pytest.raises(VideoRejected) as rejected:
        await importer.fetch(target)
    assert rejected.value.failure is code
    assert "wrong" not in str(rejected.value)


async def test_data_connections_go_where_the_control_connection_went(importer: Importer, tmp_path: Path) -> None:
    """Whatever address the server names for them (a "bounce")."""
    (tmp_path / "film.mp4").write_bytes(DATA[:1000])
    async with private_server() as inside:
        with ftp_server(tmp_path, passive_address="127.0.0.2") as site:
            site.without = {"EPSV"}
            target = await importer.start(f"ftp://127.0.0.1:{site.port}/film.mp4")
            await importer.fetch(target)
        assert await importer.stored(target) == DATA[:1000]
    assert "PASV" in site.commands
    assert inside.connections == 0


async def test_nothing_inside_is_connected_to(importer: Importer, leading_to: Callable[..., Resolve]) -> None:
    importer.policy = ImportPolicy(EgressPolicy(ports=None))
    importer.resolve = leading_to(inside="127.0.0.1")
    async with private_server() as server:
        target = await importer.start(f"ftp://inside.test:{server.port}/x")
        with pytest.raises(VideoRejected) as rejected:
            await importer.fetch(target)
    assert rejected.value.failure is FailureCode.SOURCE_NOT_ALLOWED
    assert server.connections == 0


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"220-and another thing\r\n")
        await writer.drain()


async def another_tongue(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\xff\xfe HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()


@pytest.mark.parametrize("speak", [silence, talk, another_tongue])
async def test_a_server_that_speaks_no_ftp_is_left(
    importer: Importer, speak: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
) -> None:
    left = asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await speak(reader, writer)
        writer.close()
        left.set()

    importer.seconds = 0.5 if speak is silence else 30
    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        target = await importer.start(f"ftp://127.0.0.1:{server.sockets[0].getsockname()[1]}/x")
        with pytest.raises(PeerFailed):
            await importer.fetch(target)
        await asyncio.wait_for(left.wait(), 20)
