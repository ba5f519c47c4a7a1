"""The production processes: API, workers, migration. All read the environment."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence

import uvicorn
from pydantic import ValidationError
from pydantic_settings import SettingsError

from api.app import create_app
from cli.failures import CommandFailed
from cli.tls import certificate_of
from core.adapters.s3 import S3Storage
from core.db.migrate import migrate
from core.logging import configure_logging
from core.ports import WorkflowGateway
from core.settings import Settings, load_settings
from workers.client import connect
from workers.lifecycle import run_worker_process, stop_on_signals
from workflows.gateway import TemporalGateway


class QuietServer(uvicorn.Server):
    """uvicorn without its own signal handlers: the process has one stop event for everything in it."""

    def __init__(self, config: uvicorn.Config, listening: asyncio.Event) -> None:
        super().__init__(config)
        self._listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def settings_or_explain() -> Settings:
    try:
        return load_settings()
    except ValidationError as error:
        problems = "; ".join(str(item["msg"]) for item in error.errors(include_input=False, include_url=False))
        raise CommandFailed(f"the settings are not complete: {problems}") from None
    except SettingsError as error:
        raise CommandFailed(f"the settings cannot be read: {error}") from None


async def serve_api(
    settings: Settings, gateway: WorkflowGateway, stop: asyncio.Event, listening: asyncio.Event
) -> None:
    """Serve until `stop`; open requests are finished first. `listening` is set when connections are accepted."""
    certificate = certificate_of(settings)
    config = uvicorn.Config(
        create_app(settings, gateway=gateway),
        host=settings.api_host,
        port=settings.api_port,
        log_config=None,
        access_log=False,
        # Who may say in a header where a request comes from is in our own settings (trusted_proxies).
        proxy_headers=False,
        # An open event stream must not hold up a deploy.
        timeout_graceful_shutdown=5,
        server_header=False,
        ssl_context_factory=(lambda *_: certificate.context) if certificate else None,
    )
    server = QuietServer(config, listening)
    serving = asyncio.create_task(server.serve())
    stopped = asyncio.create_task(stop.wait())
    renewals = asyncio.create_task(certificate.follow_renewals()) if certificate else stopped
    try:
        await asyncio.wait([serving, stopped], return_when=asyncio.FIRST_COMPLETED)
    finally:
        renewals.cancel()
        stopped.cancel()
        server.should_exit = True
        await serving


async def run_api() -> None:
    settings = settings_or_explain()
    configure_logging(settings.log_format, settings.log_level)
    stop = stop_on_signals()
    await serve_api(settings, TemporalGateway(await connect(settings)), stop, asyncio.Event())


async def run_worker(fleets: Sequence[str]) -> None:
    settings = settings_or_explain()
    configure_logging(settings.log_format, settings.log_level)
    await run_worker_process(settings, fleets)


async def run_migrate() -> None:
    settings = settings_or_explain()
    await asyncio.to_thread(migrate, settings.database_url)
    await S3Storage.from_settings(settings).ensure_bucket()
