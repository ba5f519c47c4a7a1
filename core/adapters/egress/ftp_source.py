"""Sources over FTP (RFC 959, 3659), passive only. The data connection goes to the control connection's address."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

import aioftp

from core.adapters.egress.resolution import Resolve, addresses_of, system_resolver
from core.domain.egress.destination import EgressPolicy
from core.domain.failures import FailureCode, VideoRejected
from core.domain.imports import FtpAddress, ftp_address
from core.ports import PeerFailed, PeerFailure, SourceStream

_SECONDS = 30.0
_IDLE = 30.0
_PIECE = 256 * 1024
_SIZE = re.compile(r"\d{1,18}", re.ASCII)
_TIME = re.compile(r"\d{14}(\.\d{1,9})?", re.ASCII)
_FINAL = {
    "530": FailureCode.SOURCE_FORBIDDEN,
    "532": FailureCode.SOURCE_FORBIDDEN,
    "550": FailureCode.SOURCE_NOT_FOUND,
    "553": FailureCode.SOURCE_NOT_FOUND,
}


class _BoundedClient(aioftp.Client):
    """The library collects the lines of a reply for as long as the server sends some."""

    lines_left = 300

    async def parse_line(self) -> tuple[aioftp.Code, str]:
        self.lines_left -= 1
        if self.lines_left < 0:
            raise ValueError("a server that talks without end")
        return await super().parse_line()


class FtpSource:
    """`seconds` bound everything before the first byte, `idle` seconds each silence after it."""

    def __init__(
        self,
        policy: EgressPolicy,
        *,
        resolve: Resolve = system_resolver,
        seconds: float = _SECONDS,
        idle: float = _IDLE,
    ) -> None:
        self._policy = policy
        self._resolve = resolve
        self._seconds = seconds
        self._idle = idle

    @asynccontextmanager
    async def open(self, url: str, start: int, validator: str | None) -> AsyncIterator[SourceStream]:
        address = ftp_address(url, self._policy)
        async with AsyncExitStack() as closing:
            with _failures():
                async with asyncio.timeout(self._seconds):
                    client = await self._client(address, closing)
                    size, found = await _facts(client, address.path)
                    offset = start if found is not None and found == validator else 0
                    data = await _retrieve(client, address.path, offset, closing)
            yield SourceStream(offset, size, found, self._chunks(client, data))

    async def _client(self, address: FtpAddress, closing: AsyncExitStack) -> aioftp.Client:
        """Logged in. The library is told to leave alone which address the server names for data connections."""
        host = (await addresses_of(address.destination, self._policy, self._resolve))[0]
        client = _BoundedClient(socket_timeout=self._idle, trust_server_pasv_ipv4_address=False)
        closing.callback(client.close)
        await client.connect(host, address.destination.port)
        await client.login(address.user or "anonymous", address.password or "anonymous@")
        return client

    async def _chunks(self, client: aioftp.Client, data: asyncio.StreamReader) -> AsyncIterator[bytes]:
        while True:
            with _failures():
                async with asyncio.timeout(self._idle):
                    piece = await data.read(_PIECE)
                    if not piece:
                        # The end of a data connection looks like a break of it: the server's word tells them apart.
                        await client.command(None, "2xx", "1xx")
                        return
            yield piece


async def _facts(client: aioftp.Client, path: str) -> tuple[int | None, str | None]:
    """Size and validator, as far as the server knows the commands (RFC 3659, 3 and 4)."""
    await client.command("TYPE I", "200")
    size = await _asked(client, f"SIZE {path}", _SIZE)
    changed = await _asked(client, f"MDTM {path}", _TIME)
    known = int(size) if size is not None else None
    return known, f"{changed}/{size}" if changed is not None and size is not None else None


async def _asked(client: aioftp.Client, command: str, form: re.Pattern[str]) -> str | None:
    _, info = await client.command(command, ("213", "50x", "550", "450", "451"))
    text = info[-1].strip()
    return text if form.fullmatch(text) else None


async def _retrieve(client: aioftp.Client, path: str, offset: int, closing: AsyncExitStack) -> asyncio.StreamReader:
    """Not the library's own way, which leaves the data connection open when the server then refuses."""
    reader, writer = await client.get_passive_connection("I")
    closing.callback(writer.close)
    if offset:
        await client.command(f"REST {offset}", "350")
    await client.command(f"RETR {path}", "1xx")
    return reader


@contextmanager
def _failures() -> Iterator[None]:
    """No text of the error: it repeats what was sent."""
    try:
        yield
    except aioftp.StatusCodeError as error:
        code = str(error.received_codes[-1])
        if code.startswith("5"):
            raise VideoRejected(_FINAL.get(code, FailureCode.SOURCE_REFUSED), f"FTP status {code}") from None
        raise PeerFailed(PeerFailure.PROTOCOL) from None
    except TimeoutError:
        raise PeerFailed(PeerFailure.TIMEOUT) from None
    except (OSError, EOFError):
        raise PeerFailed(PeerFailure.CONNECTION) from None
    except (aioftp.AIOFTPException, ValueError, UnicodeError):
        raise PeerFailed(PeerFailure.PROTOCOL) from None
