"""One authenticated round trip with each kind of server, in its own protocol. For ours and for given ones alike."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import clickhouse_connect
import psycopg
import redis.asyncio
import redis.exceptions
import urllib3
from clickhouse_connect.driver.exceptions import Error as ClickHouseError
from minio import Minio
from minio.error import MinioException
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from cli.stack.errors import NotAnswering


async def probe_postgres(database_url: str) -> None:
    """`SELECT 1` as the application's user. SQLAlchemy's driver suffix in the URL is understood."""
    try:
        async with await psycopg.AsyncConnection.connect(libpq_url(database_url), connect_timeout=4) as connection:
            await connection.execute("SELECT 1")
    except psycopg.Error as error:
        raise NotAnswering(str(error).strip()) from error


def libpq_url(database_url: str) -> str:
    """`postgresql+psycopg://...` as libpq wants it."""
    return database_url.replace("+psycopg", "", 1)


async def probe_temporal(address: str, namespace: str) -> None:
    """Describe the namespace: answers only when the server's history and matching services do."""
    try:
        client = await Client.connect(address, namespace=namespace)
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=namespace))
    except (RPCError, RuntimeError) as error:
        raise NotAnswering(str(error)) from error


def s3_client(endpoint: str, access_key: str, secret_key: str, *, region: str = "us-east-1") -> Minio:
    """A client that fails fast, for setting up and probing only."""
    parts = urlsplit(endpoint)
    pool = urllib3.PoolManager(timeout=urllib3.Timeout(connect=2, read=20), retries=False)
    return Minio(
        endpoint=parts.netloc,
        access_key=access_key,
        secret_key=secret_key,
        secure=parts.scheme == "https",
        region=region,
        http_client=pool,
    )


async def probe_s3(client: Minio, bucket: str) -> None:
    """A signed request about the bucket, which need not exist yet."""
    try:
        await asyncio.to_thread(client.bucket_exists, bucket)
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise NotAnswering(str(error)) from error


async def probe_redis(url: str) -> None:
    client = redis.asyncio.from_url(url, socket_connect_timeout=2, socket_timeout=4)
    try:
        await client.ping()
    except redis.exceptions.RedisError as error:
        raise NotAnswering(str(error)) from error
    finally:
        await client.aclose()


async def probe_clickhouse(url: str) -> None:
    """The ordinary client's greeting (version, time zone, settings) and a query."""
    try:
        await asyncio.to_thread(_query_clickhouse, url)
    except (ClickHouseError, urllib3.exceptions.HTTPError) as error:
        raise NotAnswering(str(error)) from error


def _query_clickhouse(url: str) -> None:
    # First without the client, which would log a warning for every attempt while the server starts.
    parts = urlsplit(url)
    ping = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/ping"
    urllib3.request("GET", ping, timeout=urllib3.Timeout(2), retries=False)
    client = clickhouse_connect.get_client(dsn=url, connect_timeout=2, send_receive_timeout=5)
    try:
        client.query("SELECT 1")
    finally:
        client.close()
