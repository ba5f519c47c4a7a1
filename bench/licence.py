"""`python -m bench.licence`: OTP, redemption and licence beside a bare route with one indexed SELECT, as ratios.

Both sides run over the same PostgreSQL in the same minutes, in turn: bare, issue, bare, redeem, bare, licence.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import httpx
import typer
from rich.console import Console
from rich.table import Table

from bench import machine
from bench.clip import SAMPLE
from bench.http_load import Load, UnexpectedAnswer, request, run_load
from bench.pipeline import NotPublished, publish
from bench.servers import Platform, running_platform
from bench.throughput import Comparison, as_dict, summary
from cli.stack.errors import StackError
from cli.stack.ports import free_port
from workers.client import connect

_JSON = {"Content-Type": "application/json"}
_WARM_UP_SECONDS = 1.0
_JUDGED = {"issue", "licence"}
"""Redemption happens once a viewing and opens a session: it is measured, and has no bar."""
_KID = re.compile(r'default_KID="([0-9a-f-]{36})"')


def main(
    connections: Annotated[int, typer.Option(min=1, max=256, help="Requests at once.")] = 16,
    seconds: Annotated[float, typer.Option(min=0.5, help="Of load on each route, each round.")] = 4.0,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="How often; the median is what counts.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Everything that was measured, on stdout.")] = False,
) -> None:
    """Requests per second and latencies of OTP issue, redemption and ClearKey licence, as ratios to a bare route."""
    console = Console(stderr=as_json)
    work = Path(tempfile.mkdtemp(prefix="sealcast-bench-"))
    try:
        found = asyncio.run(_bench(console, work, connections, seconds, rounds))
    except (UnexpectedAnswer, NotPublished, StackError, httpx.HTTPError, OSError) as error:
        console.print(f"[bold red]no result:[/] {error or type(error).__name__}", highlight=False)
        raise typer.Exit(1) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    _print(console, found)
    if as_json:
        print(json.dumps({"machine": machine.describe(), "connections": connections, **as_dict(found)}))


async def _bench(
    console: Console, work: Path, connections: int, seconds: float, rounds: int
) -> dict[str, list[Comparison]]:
    async with running_platform(work / "stack", lambda line: console.print(line, style="dim")) as platform:
        console.print("publishing the sample")
        published = await publish(platform, await connect(platform.settings), SAMPLE)
        async with _bare_route(platform, published.video_id) as bare_port:
            routes = _Routes(platform, published.video_id, bare_port, connections)
            await routes.once(_WARM_UP_SECONDS)
            found: dict[str, list[Comparison]] = {}
            for number in range(1, rounds + 1):
                console.print(f"round {number} of {rounds}")
                for name, comparison in (await routes.once(seconds)).items():
                    found.setdefault(name, []).append(comparison)
            return found


class _Routes:
    """The three routes of a viewer's way to a licence, and the yardstick."""

    def __init__(self, platform: Platform, video_id: str, bare_port: int, connections: int) -> None:
        self._platform = platform
        self._url = platform.connection.url
        self._port = urlsplit(self._url).port or 80
        self._video_id = video_id
        self._bare_port = bare_port
        self._connections = connections

    async def once(self, seconds: float) -> dict[str, Comparison]:
        """Every redemption uses an OTP that the issuing made; every licence a token that a redemption gave."""
        issue = await self._compared(self._issuing(), seconds, 200)
        redeem = await self._compared(self._redeeming(issue.route.bodies), seconds, 200)
        licence = await self._compared(await self._licensing(redeem.route.bodies), seconds, 200)
        return {"issue": issue, "redeem": redeem, "licence": licence}

    async def _compared(self, requests: Iterable[bytes], seconds: float, status: int) -> Comparison:
        bare = itertools.repeat(request("GET", f"/videos/{self._video_id}", {}))
        yardstick = await self._load(self._bare_port, bare, seconds, 200)
        return Comparison(await self._load(self._port, requests, seconds, status), yardstick)

    async def _load(self, port: int, requests: Iterable[bytes], seconds: float, status: int) -> Load:
        return await run_load(port, requests, connections=self._connections, seconds=seconds, status=status)

    def _issuing(self) -> Iterable[bytes]:
        headers = {**_JSON, "Authorization": f"Apisecret {self._platform.connection.key}"}
        return itertools.repeat(request("POST", f"/api/videos/{self._video_id}/otp", headers, b'{"ttl": 3600}'))

    def _redeeming(self, issued: Iterable[bytes]) -> Iterable[bytes]:
        for number, answer in enumerate(issued):
            otp = json.loads(answer)
            body = {"otp": otp["otp"], "playbackInfo": otp["playbackInfo"], "nonce": f"{number:032x}"}
            yield request("POST", "/api/playback/redeem", _JSON, json.dumps(body).encode())

    async def _licensing(self, sessions: Iterable[bytes]) -> Iterable[bytes]:
        opened = [json.loads(answer) for answer in sessions]
        body = json.dumps({"kids": await self._kids(opened[0]["dash_url"]), "type": "temporary"}).encode()
        asked = [
            request("POST", "/api/licences/clearkey", {**_JSON, "Authorization": f"Bearer {session['token']}"}, body)
            for session in opened
        ]
        return itertools.cycle(asked)

    async def _kids(self, manifest: str) -> list[str]:
        async with httpx.AsyncClient(base_url=self._url) as client:
            mpd = (await client.get(manifest)).raise_for_status().text
        raw = sorted({bytes.fromhex(kid.replace("-", "")) for kid in _KID.findall(mpd)})
        return [base64.urlsafe_b64encode(kid).rstrip(b"=").decode() for kid in raw]


@asynccontextmanager
async def _bare_route(platform: Platform, video_id: str) -> AsyncIterator[int]:
    port = free_port()
    environment = {**os.environ, "DATABASE_URL": platform.settings.database_url}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.bare_route", str(port)),
        env=environment,
        cwd=Path(__file__).parents[1],
    )
    try:
        await _answers(f"http://127.0.0.1:{port}/videos/{video_id}")
        yield port
    finally:
        process.terminate()
        await process.wait()


async def _answers(url: str) -> None:
    async with asyncio.timeout(30), httpx.AsyncClient() as client:
        while True:
            try:
                (await client.get(url)).raise_for_status()
            except httpx.ConnectError:
                await asyncio.sleep(0.1)
            else:
                return


def _print(console: Console, found: dict[str, list[Comparison]]) -> None:
    table = Table("route", "requests/s", "bare route", "ratio", "bar", "p50", "p99", "p99 ÷ p50", "bar", "", box=None)
    for name, comparisons in found.items():
        table.add_row(name, *summary(comparisons, judged=name in _JUDGED))
    console.print(table)


if __name__ == "__main__":
    typer.run(main)
