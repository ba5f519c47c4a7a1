"""ClamAV's daemon, over its INSTREAM command (clamd(8)): the file's bytes travel, so it may run on another host.

Configure clamd with `AlertExceedsMax yes`; without it, it answers OK for files it did not scan to the end. Its
`StreamMaxLength` must cover the largest upload, or larger ones are reported as not scanned.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.ports import Antivirus, ScanResult, ScanState

_COMMAND = b"zINSTREAM\0"
_END_OF_STREAM = struct.pack(">I", 0)
_CHUNK_BYTES = 1024**2
_ATTEMPTS = 3
#: clamd's hard limit on one file.
MOST_BYTES = 2 * 1024**3 - 1
_REPLY_BYTES = 4096
_LIMITS_SIGNATURE = "Heuristics.Limits.Exceeded"
_TOO_LONG_REPLY = "size limit exceeded"


class AntivirusUnavailable(ConnectionError):
    """The scanner did not answer, or not in its protocol. Worth another try; never a reason to pass a file."""

    def __init__(self, detail: str, *, hung_up: bool = False) -> None:
        super().__init__(detail)
        self.hung_up = hung_up


class NoAntivirus:
    """Stands in where no scanner is configured. Says so instead of "clean"."""

    async def scan(self, path: Path) -> ScanResult:  # noqa: ARG002 - the port's signature
        return ScanResult(ScanState.NOT_SCANNED, "no virus scanner is configured")


class Clamd:
    """`address` is host:port or the path of a UNIX socket; `silence_seconds` bounds each wait for clamd."""

    def __init__(self, address: str, silence_seconds: float = 300.0) -> None:
        self._address = address
        self._silence_seconds = silence_seconds

    async def scan(self, path: Path) -> ScanResult:
        """Stream the file and read the verdict. Raises AntivirusUnavailable."""
        size = (await asyncio.to_thread(path.stat)).st_size
        if size > MOST_BYTES:
            return ScanResult(ScanState.NOT_SCANNED, f"{size} bytes are more than the scanner can take")
        for _ in range(_ATTEMPTS):
            try:
                return await self._scan_once(path)
            except AntivirusUnavailable as error:
                # Hanging up on a stream that is too long can take the reply along; a scanner that is down does not
                # answer the next question either.
                if not error.hung_up or not await self._answers():
                    raise
        return ScanResult(ScanState.NOT_SCANNED, "the scanner hangs up before the file's end: longer than it takes")

    async def _scan_once(self, path: Path) -> ScanResult:
        try:
            async with self._connected() as (reader, writer):
                return parse_reply(await self._exchange(path, reader, writer))
        except AntivirusUnavailable:
            raise
        except ConnectionError as error:
            raise AntivirusUnavailable("the virus scanner hung up", hung_up=True) from error
        except (OSError, TimeoutError, asyncio.LimitOverrunError, asyncio.IncompleteReadError) as error:
            raise AntivirusUnavailable(f"no verdict from the virus scanner: {type(error).__name__}") from error

    async def _answers(self) -> bool:
        """Whether clamd is there (PING, answered by PONG)."""
        try:
            async with self._connected() as (reader, writer):
                writer.write(b"zPING\0")
                return await asyncio.wait_for(reader.readuntil(b"\0"), self._silence_seconds) == b"PONG\0"
        except (OSError, TimeoutError, asyncio.LimitOverrunError, asyncio.IncompleteReadError):
            return False

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.wait_for(self._open(), self._silence_seconds)
        try:
            yield reader, writer
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if "/" in self._address:
            return await asyncio.open_unix_connection(self._address, limit=_REPLY_BYTES)
        host, _, port = self._address.rpartition(":")
        return await asyncio.open_connection(host.strip("[]"), int(port), limit=_REPLY_BYTES)

    async def _exchange(self, path: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        """clamd answers early, and hangs up, when the stream is longer than it takes: listen while sending."""
        reply = asyncio.create_task(reader.readuntil(b"\0"))
        try:
            with contextlib.suppress(ConnectionError):  # the reply tells why it hung up
                await self._send(path, writer, reply)
            return await asyncio.wait_for(reply, self._silence_seconds)
        finally:
            reply.cancel()
            await asyncio.gather(reply, return_exceptions=True)

    async def _send(self, path: Path, writer: asyncio.StreamWriter, reply: asyncio.Task[bytes]) -> None:
        writer.write(_COMMAND)
        with await asyncio.to_thread(path.open, "rb") as handle:
            while not reply.done() and (chunk := await asyncio.to_thread(handle.read, _CHUNK_BYTES)):
                writer.write(struct.pack(">I", len(chunk)) + chunk)
                await asyncio.wait_for(writer.drain(), self._silence_seconds)
        writer.write(_END_OF_STREAM)
        await asyncio.wait_for(writer.drain(), self._silence_seconds)


def antivirus_at(address: str | None) -> Antivirus:
    """The scanner at an address, or the one that says that there is none."""
    return Clamd(address) if address else NoAntivirus()


def parse_reply(reply: bytes) -> ScanResult:
    """Verdict from clamd's answer. Raises AntivirusUnavailable for anything that is none."""
    text = reply.rstrip(b"\0").decode("utf-8", "replace").strip().removeprefix("stream: ")
    if text == "OK":
        return ScanResult(ScanState.CLEAN)
    if text.endswith(" FOUND"):
        signature = text.removesuffix(" FOUND")
        exceeded = signature.startswith(_LIMITS_SIGNATURE)
        return ScanResult(ScanState.NOT_SCANNED if exceeded else ScanState.INFECTED, signature)
    if _TOO_LONG_REPLY in text:
        return ScanResult(ScanState.NOT_SCANNED, "the file is longer than the scanner takes")
    raise AntivirusUnavailable(f"the virus scanner failed: {text[:200]!r}")
