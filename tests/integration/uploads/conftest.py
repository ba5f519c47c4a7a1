"""The API as a process of its own over the session's servers, and a tenant of it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from cli.stack.endpoints import StackEndpoints
from cli.stack.ports import free_port
from core.adapters.s3 import S3Storage
from core.db.models import ApiKey
from core.db.unit_of_work import open_database
from core.services.organisations.api_key_secret import PREFIX, hash_of, new_secret
from core.settings import Settings
from tests.fixtures.database import database_url, new_organisation

__all__ = ["database_url"]

ROOT = Path(__file__).parents[3]


@dataclass
class UploadServer:
    """`started` is a file with a line for each publication that was started."""

    environment: dict[str, str] = field(repr=False)
    port: int
    started: Path
    organisation_id: str
    key: str = field(repr=False)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Apisecret {self.key}", "Tus-Resumable": "1.0.0"}

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.fixtures.upload_server", str(self.port), str(self.started)]
        with self.started.with_suffix(".log").open("ab") as log:
            self.process = subprocess.Popen(command, env=self.environment, cwd=ROOT, stdout=log, stderr=log)
        transport = httpx.HTTPTransport(retries=10)
        with httpx.Client(transport=transport, timeout=60) as http:
            http.options(f"{self.url}/v1/tus").raise_for_status()

    def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def upload(self, file: Path, chunk: int, upload: str | None = None) -> subprocess.Popen[str]:
        """tuspy, as a process."""
        command = [sys.executable, "-m", "tests.fixtures.tus_upload", f"{self.url}/v1/tus", str(file), str(chunk)]
        environment = {**os.environ, "SEALCAST_KEY": self.key}
        return subprocess.Popen(
            command + ([upload] if upload else []), env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True
        )

    def published(self) -> list[str]:
        """`<organisation>/<video>` of each."""
        return self.started.read_text().split()


@pytest.fixture(scope="module")
def server(
    stack: StackEndpoints, settings: Settings, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[UploadServer]:
    """One for a module's tests; whoever kills it starts it again."""
    organisation_id, secret = asyncio.run(_tenant(settings, database_url))
    environment = {**os.environ, **stack.as_environment(), "DATABASE_URL": database_url}
    started = tmp_path_factory.mktemp("uploads") / "started"
    started.touch()
    running = UploadServer(environment, free_port(), started, organisation_id, secret)
    running.start()
    yield running
    running.kill()


async def _tenant(settings: Settings, database_url: str) -> tuple[str, str]:
    """Its id and its key."""
    storage = S3Storage.from_settings(settings)
    await storage.ensure_bucket()
    await storage.close()
    secret = new_secret()
    async with open_database(database_url) as factory:
        organisation_id = await new_organisation(factory)
        async with factory() as uow:
            key = ApiKey(
                id=uuid4().hex,
                organisation_id=organisation_id,
                name="test",
                key_hash=hash_of(secret),
                prefix=secret[:PREFIX],
            )
            uow.organisations.add_api_key(key)
            await uow.commit()
    return organisation_id, secret
