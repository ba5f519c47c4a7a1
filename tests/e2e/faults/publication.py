"""Publishing through the API, and looking at what it does from all sides: database, Temporal, store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
from psycopg.rows import dict_row
from sqlalchemy import make_url
from temporalio.client import Client, WorkflowHandle

from cli.api_client import ApiClient, api_client
from cli.upload import upload_file
from core.adapters import s3_multipart
from core.adapters.s3 import S3Storage
from core.contracts import workflow_ids
from core.contracts.version_ref import VersionRef
from tests.fixtures.fault_proxy import Fault
from tests.fixtures.platform import Platform
from workers.client import DATA_CONVERTER

_POLL = 0.05
_FINAL = {"ready", "failed", "cancelled", "deleted"}


@dataclass
class Publisher:
    """One customer's backend, and an operator who can see everything."""

    platform: Platform
    api: ApiClient
    http: httpx.AsyncClient
    temporal: Client
    store: S3Storage

    async def publish(self, clip: Path) -> Publication:
        """Upload and queue."""
        video_id = await upload_file(self.api, clip, clip.name, lambda _: None)
        (row,) = self.rows("SELECT organisation_id FROM videos WHERE id = %s", video_id)
        return Publication(self, VersionRef(row["organisation_id"].hex, video_id, 1))

    def rows(self, query: str, *values: object) -> list[dict[str, Any]]:
        url = make_url(self.platform.settings.database_url).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False), row_factory=dict_row) as connection:
            cursor = connection.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []


@dataclass
class Publication:
    """One version of a video on its way."""

    by: Publisher
    target: VersionRef

    @property
    def video_id(self) -> str:
        return self.target.video_id

    @property
    def workflow(self) -> WorkflowHandle[Any, Any]:
        return self.by.temporal.get_workflow_handle(workflow_ids.publish_video(self.target))

    async def state(self) -> str:
        """Of this version."""
        (row,) = self.by.rows(
            "SELECT status FROM video_versions WHERE video_id = %s AND version = %s", self.video_id, self.target.version
        )
        return str(row["status"])

    def failure(self) -> str:
        """Why it failed, for the test's own report."""
        (row,) = self.by.rows(
            "SELECT failure_code, failure_detail FROM video_versions WHERE video_id = %s AND version = %s",
            self.video_id,
            self.target.version,
        )
        return f"{row['failure_code']}: {row['failure_detail']}"

    async def ended(self, seconds: float = 120) -> str:
        """The final state; the workflow has ended too, so that nothing more is changed."""

        async def look() -> bool:
            return await self.state() in _FINAL

        await until(look, f"an end of {self.video_id}", seconds)
        await until(self._workflow_ended, f"the end of the workflow of {self.video_id}", 30)
        return await self.state()

    async def _workflow_ended(self) -> bool:
        return (await self.workflow.describe()).close_time is not None

    async def cancel(self) -> None:
        answer = await self.by.http.post(f"/v1/videos/{self.video_id}/cancel")
        assert answer.status_code == 202, answer.text

    async def objects(self, prefix: str = "") -> dict[str, str]:
        """Keys below the version's video, without the common prefix, with their ETags."""
        video = f"{self.target.organisation_id}/{self.video_id}/"
        return {stat.key.removeprefix(video): stat.etag for stat in await self.by.store.list(video + prefix)}

    async def open_uploads(self) -> list[str]:
        video = f"{self.target.organisation_id}/{self.video_id}/"
        store = self.by.store
        found = await asyncio.to_thread(lambda: list(s3_multipart.open_uploads(store._client, store._bucket, video)))
        return [key for key, _ in found]

    def usable_keys(self) -> int:
        """Content keys whose bytes, wrapped, are still there."""
        (row,) = self.by.rows(
            "SELECT count(*) AS n FROM content_keys WHERE video_id = %s AND version = %s AND length(wrapped_key) > 0",
            self.video_id,
            self.target.version,
        )
        return int(row["n"])


async def is_hit(fault: Fault) -> bool:
    return fault.hits > 0


@asynccontextmanager
async def open_publisher(platform: Platform) -> AsyncIterator[Publisher]:
    settings = platform.settings
    store = S3Storage.from_settings(settings)
    temporal = await Client.connect(
        settings.temporal_address, namespace=settings.temporal_namespace, data_converter=DATA_CONVERTER
    )
    headers = {"Authorization": f"Apisecret {platform.connection.key}"}
    async with (
        api_client(platform.connection) as api,
        httpx.AsyncClient(base_url=platform.connection.url, headers=headers, timeout=60) as http,
    ):
        yield Publisher(platform, api, http, temporal, store)
    await store.close()


async def until(happened: Callable[[], Awaitable[bool]], what: str, seconds: float = 60) -> None:
    """Ask again and again."""
    try:
        async with asyncio.timeout(seconds):
            while not await happened():  # noqa: ASYNC110 - it happens in other processes
                await asyncio.sleep(_POLL)
    except TimeoutError:
        raise AssertionError(f"{what} never came") from None
