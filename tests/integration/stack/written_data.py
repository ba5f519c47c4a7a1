"""Writes one thing into every server, and finds it again."""

from __future__ import annotations

import io
from collections.abc import Mapping

import clickhouse_connect
import psycopg
import redis
from minio import Minio
from temporalio.client import Client

from cli.stack.probes import libpq_url, s3_client

_VALUE = "kept over restarts"


def _store(environment: Mapping[str, str]) -> Minio:
    return s3_client(environment["S3_ENDPOINT"], environment["S3_ACCESS_KEY"], environment["S3_SECRET_KEY"])


async def write_everywhere(environment: Mapping[str, str]) -> None:
    async with await psycopg.AsyncConnection.connect(libpq_url(environment["DATABASE_URL"])) as database:
        await database.execute("CREATE TABLE kept (value text)")
        await database.execute("INSERT INTO kept VALUES (%s)", (_VALUE,))
    _store(environment).put_object(environment["S3_BUCKET"], "kept", io.BytesIO(_VALUE.encode()), len(_VALUE))
    with redis.Redis.from_url(environment["REDIS_URL"]) as cache:
        cache.set("kept", _VALUE)
        # One second is how much the append-only file may lose; this waits until it is on disk.
        assert cache.waitaof(1, 0, 5000) == [1, 0]
    with clickhouse_connect.get_client(dsn=environment["CLICKHOUSE_URL"]) as analytics:
        analytics.command("CREATE TABLE kept (value String) ENGINE = MergeTree ORDER BY value")
        analytics.insert("kept", [[_VALUE]], column_names=["value"])
    temporal = await Client.connect(environment["TEMPORAL_ADDRESS"], namespace="sealcast")
    await temporal.start_workflow("Kept", id="kept", task_queue="nobody-listens")


async def read_everywhere(environment: Mapping[str, str]) -> list[str]:
    """The names of the servers that still have it."""
    found = []
    async with await psycopg.AsyncConnection.connect(libpq_url(environment["DATABASE_URL"])) as database:
        if await (await database.execute("SELECT value FROM kept")).fetchone() == (_VALUE,):
            found.append("postgres")
    answer = _store(environment).get_object(environment["S3_BUCKET"], "kept")
    if answer.read() == _VALUE.encode():
        found.append("object store")
    answer.close()
    answer.release_conn()
    with redis.Redis.from_url(environment["REDIS_URL"]) as cache:
        if cache.get("kept") == _VALUE.encode():
            found.append("valkey")
    with clickhouse_connect.get_client(dsn=environment["CLICKHOUSE_URL"]) as analytics:
        if analytics.query("SELECT value FROM kept").result_rows == [(_VALUE,)]:
            found.append("clickhouse")
    temporal = await Client.connect(environment["TEMPORAL_ADDRESS"], namespace="sealcast")
    if (await temporal.get_workflow_handle("kept").describe()).workflow_type == "Kept":
        found.append("temporal")
    return found
