"""The embedded servers and everything else that a publication needs before it can begin."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.accounting import tree_seconds
from bench.host import Host
from cli.connection import Connection
from cli.first_key import ensure_first_key
from cli.stack.ports import free_port
from cli.stack.supervisor import EmbeddedStack
from core.adapters.s3 import S3Storage
from core.db.migrate import migrate
from core.db.unit_of_work import open_database
from core.settings import Settings


@dataclass(frozen=True)
class Platform:
    """Servers, API and workers, up and idle."""

    settings: Settings
    connection: Connection
    host: Host
    stack: EmbeddedStack

    def server_seconds(self) -> dict[str, float]:
        """Processor time so far of each embedded server, with all its processes."""
        return {name: sum(map(tree_seconds, self.stack.pids(name))) for name in self.stack.server_names}


@asynccontextmanager
async def running_platform(data_dir: Path, announce: Callable[[str], None]) -> AsyncIterator[Platform]:
    """Everything as in production: three processes of ours over real servers. All is stopped with the block."""
    stack = EmbeddedStack(data_dir, announce=announce, prefer_usual_ports=False)
    endpoints = await stack.start()
    try:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        environment = {**endpoints.as_environment(), "SEALCAST_API_PORT": str(port), "SEALCAST_PUBLIC_URL": url}
        settings = endpoints.settings()
        await asyncio.to_thread(migrate, settings.database_url)
        await S3Storage.from_settings(settings).ensure_bucket()
        async with open_database(settings.database_url) as uow:
            key = await ensure_first_key(uow, data_dir)
        async with Host(environment, data_dir / "logs") as host:
            yield Platform(settings, Connection(url, key), host, stack)
    finally:
        await stack.stop()
