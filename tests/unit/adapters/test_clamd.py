"""Against a double that is strict about clamd's INSTREAM framing; no real clamd takes part."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.adapters.clamd import MOST_BYTES, AntivirusUnavailable, Clamd, NoAntivirus, antivirus_at, parse_reply
from core.ports import ScanState

EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class StrictClamd:
    """Reads one INSTREAM session, asserts its framing, answers as clamd would. `limit` is StreamMaxLength."""

    def __init__(self, limit: int = 100 * 1024**2, answer: Callable[[bytes], bytes] | None = None) -> None:
        self.limit = limit
        self.answer = answer or (lambda data: b"stream: Eicar-Signature FOUND\0" if EICAR in data else b"stream: OK\0")
        self.received = b""
        self.faults: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(await self._answer_to(await reader.readuntil(b"\0"), reader))
            await writer.drain()
        except asyncio.IncompleteReadError:
            self.faults.append("the stream ended inside a frame")
        finally:
            writer.close()

    async def _answer_to(self, command: bytes, reader: asyncio.StreamReader) -> bytes:
        if command == b"zPING\0":
            return b"PONG\0"
        if command != b"zINSTREAM\0":
            self.faults.append(f"not a command: {command!r}")
        return await self._session(reader)

    async def _session(self, reader: asyncio.StreamReader) -> bytes:
        while length := struct.unpack(">I", await reader.readexactly(4))[0]:
            self.received += await reader.readexactly(length)
            if len(self.received) > self.limit:
                return b"INSTREAM size limit exceeded. ERROR\0"
        return self.answer(self.received)


@asynccontextmanager
async def listening(double: StrictClamd, tmp_path: Path, *, unix: bool = False) -> AsyncIterator[str]:
    socket = str(tmp_path / "clamd.sock")
    start = asyncio.start_unix_server(double.serve, socket) if unix else asyncio.start_server(double.serve, "127.0.0.1")
    async with await start as server:
        yield socket if unix else f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Longer than two of our chunks, so that framing matters."""
    path = tmp_path / "upload"
    path.write_bytes(bytes(range(256)) * 9000)
    return path


@pytest.mark.parametrize("unix", [False, True])
async def test_clean_file_arrives_whole_and_is_clean(unix: bool, file: Path, tmp_path: Path) -> None:
    double = StrictClamd()
    async with listening(double, tmp_path, unix=unix) as address:
        assert (await Clamd(address).scan(file)).state is ScanState.CLEAN
    assert double.received == file.read_bytes()
    assert double.faults == []


async def test_test_virus_behind_megabytes_is_found(file: Path, tmp_path: Path) -> None:
    file.write_bytes(file.read_bytes() + EICAR)
    async with listening(StrictClamd(), tmp_path) as address:
        result = await Clamd(address).scan(file)
    assert (result.state, result.detail) == (ScanState.INFECTED, "Eicar-Signature")


async def test_file_longer_than_the_scanner_takes_is_not_scanned(file: Path, tmp_path: Path) -> None:
    async with listening(StrictClamd(limit=1000), tmp_path) as address:
        assert (await Clamd(address).scan(file)).state is ScanState.NOT_SCANNED


async def test_scanner_that_dies_while_it_reads_is_an_outage(file: Path, tmp_path: Path) -> None:
    connections = 0

    async def dies(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readexactly(20)
        writer.transport.abort()

    async with await asyncio.start_server(dies, "127.0.0.1") as server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(AntivirusUnavailable):
            await Clamd(address, silence_seconds=0.5).scan(file)
    assert connections == 2, "the file once, then the question whether anybody is there"


async def test_exceeded_scan_limits_are_never_clean_nor_infected(file: Path, tmp_path: Path) -> None:
    double = StrictClamd(answer=lambda _data: b"stream: Heuristics.Limits.Exceeded.MaxScanSize FOUND\0")
    async with listening(double, tmp_path) as address:
        assert (await Clamd(address).scan(file)).state is ScanState.NOT_SCANNED


async def test_file_above_the_hard_limit_is_not_even_sent(tmp_path: Path) -> None:
    huge = tmp_path / "huge"
    with huge.open("wb") as handle:
        handle.truncate(MOST_BYTES + 1)
    result = await Clamd("127.0.0.1:9").scan(huge)
    assert result.state is ScanState.NOT_SCANNED


@pytest.mark.parametrize(
    "answer", [b"", b"stream: OK", b"stream: Can't allocate memory ERROR\0", b"\0", b"x" * 10_000], ids=repr
)
async def test_answer_that_is_no_verdict_is_an_outage(answer: bytes, file: Path, tmp_path: Path) -> None:
    async with listening(StrictClamd(answer=lambda _data: answer), tmp_path) as address:
        with pytest.raises(AntivirusUnavailable):
            await Clamd(address).scan(file)


async def test_silent_scanner_is_an_outage(file: Path, tmp_path: Path) -> None:
    done = asyncio.Event()

    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    async with await asyncio.start_server(silent, "127.0.0.1") as server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        with pytest.raises(AntivirusUnavailable):
            await Clamd(address, silence_seconds=0.2).scan(file)
        done.set()


async def test_absent_scanner_is_an_outage(file: Path, tmp_path: Path) -> None:
    with pytest.raises(AntivirusUnavailable):
        await Clamd(str(tmp_path / "nobody.sock")).scan(file)


async def test_no_address_means_not_scanned(file: Path) -> None:
    scanner = antivirus_at(None)
    assert isinstance(scanner, NoAntivirus)
    result = await scanner.scan(file)
    assert (result.state, result.detail) == (ScanState.NOT_SCANNED, "no virus scanner is configured")
    assert isinstance(antivirus_at("127.0.0.1:3310"), Clamd)


def test_reply_is_read_to_the_letter() -> None:
    assert parse_reply(b"stream: OK\0").state is ScanState.CLEAN
    assert parse_reply(b"stream: Win.Test.EICAR_HDB-1 FOUND\0").detail == "Win.Test.EICAR_HDB-1"
    with pytest.raises(AntivirusUnavailable):
        parse_reply(b"stream: NOT OK\0")
