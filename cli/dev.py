"""`sealcast dev`: the whole platform on one machine, over the embedded servers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from cli.failures import CommandFailed
from cli.first_key import ensure_first_key, key_file
from cli.serve import serve_api
from cli.stack.errors import StackError
from cli.stack.ports import free_port, is_free
from cli.stack.supervisor import EmbeddedStack, StackEndpoints
from core.adapters.s3 import S3Storage
from core.db.migrate import migrate
from core.logging import configure_logging
from core.settings import Settings
from workers.client import connect
from workers.lifecycle import run_fleets, stop_on_signals
from workers.registry import FLEETS
from workers.services import open_services

_USUAL_PORT = 8000


@dataclass(frozen=True)
class Platform:
    """A running platform, as the commands that talk to it need to know it."""

    settings: Settings
    endpoints: StackEndpoints
    data_dir: Path


@asynccontextmanager
async def running_platform(
    data_dir: Path, port: int | None, console: Console, stop: asyncio.Event
) -> AsyncIterator[Platform]:
    """Servers, schema, bucket, a first organisation with its key, API and workers; all ended with the block."""
    chosen = _api_port(port)
    stack = EmbeddedStack(data_dir, announce=lambda line: console.print(f"  {line}", style="dim", highlight=False))
    try:
        endpoints = await stack.start()
    except StackError as error:
        raise CommandFailed(str(error)) from error
    try:
        settings = _settings(endpoints, chosen, data_dir)
        configure_logging("json", settings.log_level, file=data_dir / "logs" / "sealcast.log")
        await asyncio.to_thread(migrate, settings.database_url)
        await S3Storage.from_settings(settings).ensure_bucket()
        async with _application(settings, data_dir, stop):
            stack.publish({"api_url": settings.public_url})
            yield Platform(settings, endpoints, data_dir)
    finally:
        await stack.stop()


@asynccontextmanager
async def _application(settings: Settings, data_dir: Path, stop: asyncio.Event) -> AsyncIterator[None]:
    """API and workers in this process; whichever dies first takes the other along."""
    client = await connect(settings)
    async with open_services(settings, client) as services:
        await ensure_first_key(services.uow, data_dir)
        async with asyncio.TaskGroup() as tasks:
            listening = asyncio.Event()
            serving = tasks.create_task(serve_api(settings, services.gateway, stop, listening))
            tasks.create_task(run_fleets(client, services, list(FLEETS), stop))
            try:
                await _first_of(listening, serving)
                yield
            finally:
                stop.set()


async def _first_of(event: asyncio.Event, task: asyncio.Task[None]) -> None:
    """Return when the event is set, or when the task has ended, which then raises its own error."""
    waiting = asyncio.create_task(event.wait())
    await asyncio.wait([waiting, task], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()


def _api_port(port: int | None) -> int:
    if port is not None and not is_free(port):
        raise CommandFailed(f"port {port} is taken; choose another with --port")
    return port or free_port(_USUAL_PORT)


def _settings(endpoints: StackEndpoints, port: int, data_dir: Path) -> Settings:
    settings = endpoints.settings()
    public = os.environ.get("SEALCAST_PUBLIC_URL") or f"http://{settings.api_host}:{port}"
    # Letters stay on this machine, unless a mail server is named.
    outbox = settings.mail_outbox or data_dir / "outbox"
    return settings.model_copy(update={"api_port": port, "public_url": public, "mail_outbox": outbox})


async def run_dev(data_dir: Path, port: int | None) -> None:
    console = Console()
    stop = stop_on_signals()
    console.print(f"[bold]Starting Sealcast[/] in {data_dir}", highlight=False)
    async with running_platform(data_dir, port, console, stop) as platform:
        show_addresses(console, platform)
        await stop.wait()
        console.print("stopping …")
    console.print(f"stopped; the data stays in {data_dir}", highlight=False)


def show_addresses(console: Console, platform: Platform) -> None:
    """Which URL is what."""
    url = platform.settings.public_url
    rows = [
        ("API", f"{url}/docs"),
        ("Player", f"{url}/player"),
        ("Temporal Web UI", platform.endpoints.temporal_ui_url or "at your Temporal server"),
        ("Object store", platform.settings.s3_endpoint),
        ("API key", str(key_file(platform.data_dir))),
        ("Logs", str(platform.data_dir / "logs")),
    ]
    console.print("\n[bold green]Sealcast is running.[/]")
    for name, value in rows:
        console.print(f"  {name:<16} {value}", highlight=False, soft_wrap=True)
    console.print("\n  Publish a video:  [bold]sealcast ingest FILE --wait[/]     Stop: Ctrl-C\n", highlight=False)
