"""The places where a key could turn up, each read whole: logs, histories, tables, objects, files."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from sqlalchemy import make_url
from temporalio.client import Client

from core.adapters.s3 import S3Storage
from core.settings import Settings
from tests.fixtures.platform import Platform


def data_directory(settings: Settings) -> Path:
    """Of the embedded servers."""
    assert settings.root_key_file is not None
    return settings.root_key_file.parent.parent


def server_files(settings: Settings, since: float) -> list[Path]:
    """Files of the servers, their logs and scratch that were written since then (seconds since the epoch).

    Not the key files, nor Ceph's disk (see `objects`).
    """
    root = data_directory(settings)
    return [
        path
        for path in root.rglob("*")
        if path.parent != root / "secrets"
        and not path.is_relative_to(root / "ceph" / "osd")
        and _written_since(path, since)
    ]


def _written_since(path: Path, since: float) -> bool:
    try:
        return path.is_file() and path.stat().st_mtime >= since
    except FileNotFoundError:
        return False  # servers clean up while we look


def platform_logs(platform: Platform) -> dict[str, bytes]:
    """Everything that the API and the workers have said."""
    return {str(path): path.read_bytes() for path in platform.logs.rglob("*") if path.is_file()}


async def histories(client: Client, among_them: str) -> dict[str, bytes]:
    """Every event of every workflow, payloads as they were written: the converter neither compresses nor encrypts.

    Temporal lists a workflow a while after it was started: waits until the id of one of them holds `among_them`.
    """
    async with asyncio.timeout(30):
        while not [flow async for flow in client.list_workflows() if among_them in flow.id]:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.1)
    found = {}
    async for flow in client.list_workflows():
        handle = client.get_workflow_handle(flow.id, run_id=flow.run_id)
        events = (await handle.fetch_history()).events
        found[f"history {flow.id}"] = b"".join(event.SerializeToString() for event in events)
    return found


def tables(settings: Settings) -> dict[str, bytes]:
    """Every column of every table outside PostgreSQL's own schemas, those of wrapped keys included."""
    url = make_url(settings.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    names = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    found = {}
    with psycopg.connect(url) as connection:
        for schema, table in connection.execute(names).fetchall():
            rows = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(schema, table))).fetchall()
            found[f"table {table}"] = b"\n".join(_bytes_of(value) for row in rows for value in row)
    return found


def _bytes_of(value: Any) -> bytes:
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False).encode()
    # A key that happens to be written as a UUID is one all the same.
    return (f"{value} {value.hex}" if isinstance(value, UUID) else str(value)).encode()


async def objects(settings: Settings, *, prefixes: tuple[str, ...] = ("",)) -> dict[str, bytes]:
    """Every object under the prefixes, content and name."""
    storage = S3Storage.from_settings(settings)
    try:
        keys = {stat.key for prefix in prefixes for stat in await storage.list(prefix)}
        return {f"object {key}": key.encode() + b"\n" + await storage.get_bytes(key) for key in sorted(keys)}
    finally:
        await storage.close()
