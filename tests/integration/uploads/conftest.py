"""The API as a process of its own over the session's servers, and a tenant of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from cli.stack.endpoints import StackEndpoints
from cli.stack.ports import free_port
from core.adapters.s3 import S3Storage
from core.db.models import ApiKey
from core.db.unit_of_work import UnitOfWorkFactory
from core.services.organisations.api_key_secret import PREFIX, hash_of, new_secret
from core.settings import Settings
from tests.fixtures.database import database_url, new_organisation, uow_factory

__all__ = ["database_url", "uow_factory"]

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


@pytest.fixture
async def server(
    stack: StackEndpoints, settings: Settings, database_url: str, uow_factory: UnitOfWorkFactory, tmp_path: Path
) -> AsyncIterator[UploadServer]:
    storage = S3Storage.from_settings(settings)
    await storage.ensure_bucket()
    await storage.close()
    organisation_id, secret = await new_organisation(uow_factory), new_secret()
    async with uow_factory() as uow:
        uow.organisations.add_api_key(
            ApiKey(
                id=uuid4().hex,
                organisation_id=organisation_id,
                name="test",
                key_hash=hash_of(secret),
                prefix=secret[:PREFIX],
            )
        )
        await uow.commit()
    environment = {**os.environ, **stack.as_environment(), "DATABASE_URL": database_url}
    running = UploadServer(environment, free_port(), tmp_path / "started", organisation_id, secret)
    running.started.touch()
    running.start()
    yield running
    running.kill()
