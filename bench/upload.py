"""`python -m bench.upload`: an upload through tus beside a socket copied to disk, as a ratio.

The same sender, the same bytes, on the same machine, in turn. What the object store takes by itself is measured too:
it is the rest of the way of every upload, and no part of the bar.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import typer
from rich.console import Console
from rich.table import Table

from bench import machine
from bench.http_load import UnexpectedAnswer
from bench.servers import Platform, running_platform
from cli.stack.errors import StackError
from core.adapters.s3 import S3Storage
from core.domain.upload_parts import MEBIBYTE

BAR = 0.7
_PIECE = 256 * 1024
_WARM_UP = 16 * MEBIBYTE


@dataclass(frozen=True)
class Round:
    """Bytes per second."""

    tus: float
    disk: float
    store: float

    @property
    def ratio(self) -> float:
        return self.tus / self.disk


def main(
    megabytes: Annotated[int, typer.Option(min=16, help="MiB of each upload.")] = 512,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often; the median is what counts.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Everything that was measured, on stdout.")] = False,
) -> None:
    """How fast a file comes in through tus, until it is an object, beside a bare socket copied to disk."""
    console = Console(stderr=as_json)
    work = Path(tempfile.mkdtemp(prefix="sealcast-bench-"))
    try:
        found = asyncio.run(_bench(console, work, megabytes * MEBIBYTE, rounds))
    except (UnexpectedAnswer, StackError, httpx.HTTPError, OSError) as error:
        console.print(f"[bold red]no result:[/] {error or type(error).__name__}", highlight=False)
        raise typer.Exit(1) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _print(console, found)
    if as_json:
        rows = [{"ratio": one.ratio, "tus": one.tus, "disk": one.disk, "store": one.store} for one in found]
        print(json.dumps({"machine": machine.describe(), "bytes": megabytes * MEBIBYTE, "rounds": rows}))


async def _bench(console: Console, work: Path, size: int, rounds: int) -> list[Round]:
    async with (
        running_platform(work / "stack", lambda line: console.print(line, style="dim")) as platform,
        _sink(work / "copy") as port,
    ):
        await _once(platform, port, work, _WARM_UP)
        found = []
        for number in range(1, rounds + 1):
            console.print(f"round {number} of {rounds}")
            found.append(await _once(platform, port, work, size))
        return found


async def _once(platform: Platform, port: int, work: Path, size: int) -> Round:
    return Round(
        disk=size / await asyncio.to_thread(_to_disk, port, size),
        tus=size / await _through_tus(platform, size),
        store=size / await _to_store(platform, work / "file", size),
    )


def _to_disk(port: int, size: int) -> float:
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(size.to_bytes(8, "big"))
        _send(connection, size)
        connection.recv(1)
    return time.monotonic() - began


async def _through_tus(platform: Platform, size: int) -> float:
    """A partial upload: an object in the end, and no video that workers would look at meanwhile."""
    url = platform.connection.url
    headers = {"Authorization": f"Apisecret {platform.connection.key}", "Tus-Resumable": "1.0.0"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as http:
        created = await http.post("/v1/tus", headers={"Upload-Length": str(size), "Upload-Concat": "partial"})
        address = created.raise_for_status().headers["location"]
        seconds = await asyncio.to_thread(_patch, urlsplit(url).port or 80, address, headers, size)
        (await http.delete(address)).raise_for_status()
    return seconds


def _patch(port: int, address: str, headers: dict[str, str], size: int) -> float:
    """All of it in one request. Raises UnexpectedAnswer."""
    named = {
        **headers,
        "Host": f"127.0.0.1:{port}",
        "Content-Type": "application/offset+octet-stream",
        "Content-Length": str(size),
        "Upload-Offset": "0",
        "Connection": "close",
    }
    head = "\r\n".join([f"PATCH {address} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items()), "", ""])
    began = time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode())
        _send(connection, size)
        answer = connection.recv(4096)
    seconds = time.monotonic() - began
    if not answer.startswith(b"HTTP/1.1 204"):
        raise UnexpectedAnswer(answer.decode(errors="replace"))
    return seconds


def _send(connection: socket.socket, size: int) -> None:
    piece = memoryview(secrets.token_bytes(_PIECE))
    for at in range(0, size, _PIECE):
        connection.sendall(piece[: size - at])


async def _to_store(platform: Platform, file: Path, size: int) -> float:
    """A multipart upload by the store's own client, from a file."""
    if not file.exists() or file.stat().st_size != size:
        with file.open("wb") as writing:
            for _ in range(0, size, MEBIBYTE):
                writing.write(secrets.token_bytes(MEBIBYTE))
    storage = S3Storage.from_settings(platform.settings)
    began = time.monotonic()
    try:
        await storage.put_file("bench/upload", file, "application/octet-stream")
        seconds = time.monotonic() - began
        await storage.delete_prefix("bench/upload")
    finally:
        await storage.close()
    return seconds


@asynccontextmanager
async def _sink(path: Path) -> AsyncIterator[int]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.socket_sink", str(path)),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[1],
    )
    try:
        assert process.stdout is not None  # noqa: S101 - asked for above
        yield int(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()


def _print(console: Console, found: list[Round]) -> None:
    table = Table("through tus", "socket to disk", "ratio", "bar", "", "store alone", "tus ÷ store", box=None)
    ratio = median(one.ratio for one in found)
    table.add_row(
        f"{median(one.tus for one in found) / MEBIBYTE:.0f} MiB/s",
        f"{median(one.disk for one in found) / MEBIBYTE:.0f} MiB/s",
        f"{ratio:.2f}",
        f"{BAR:.2f}",
        "[green]reached[/]" if ratio >= BAR else "[red]missed[/]",
        f"{median(one.store for one in found) / MEBIBYTE:.0f} MiB/s",
        f"{median(one.tus / one.store for one in found):.2f}",
    )
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
