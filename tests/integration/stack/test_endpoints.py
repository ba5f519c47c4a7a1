"""What a running stack tells the application, and what it keeps from others."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from cli.stack.errors import StackLocked
from cli.stack.probes import libpq_url
from cli.stack.supervisor import EmbeddedStack, StackEndpoints
from core.contracts.search_attributes import ALL as SEARCH_ATTRIBUTES
from core.settings import Settings
from tests.fixtures.stack import BackgroundStack
from tests.fixtures.supervising import processes_of

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def data_dir(stack: StackEndpoints) -> Path:
    return Path(stack.environment["SEALCAST_SCRATCH_DIR"]).parent


def _secret_values(stack: StackEndpoints, data_dir: Path) -> list[str]:
    files = [path.read_text().strip() for path in (data_dir / "secrets").iterdir() if path.suffix != ".json"]
    return [*files, stack.environment["S3_ACCESS_KEY"], stack.environment["S3_SECRET_KEY"]]


def test_settings_of_the_stack_name_every_server(settings: Settings, stack: StackEndpoints) -> None:
    assert settings.database_url == stack.environment["DATABASE_URL"]
    assert settings.temporal_address == stack.environment["TEMPORAL_ADDRESS"]
    assert settings.clickhouse_url == stack.environment["CLICKHOUSE_URL"]
    assert settings.redis_url == stack.environment["REDIS_URL"]
    assert settings.s3_secret_key.get_secret_value() == stack.environment["S3_SECRET_KEY"]
    assert settings.scratch_dir.is_dir()
    for key_file in (settings.root_key_file, settings.signing_key_file):
        assert key_file is not None
        assert len(bytes.fromhex(key_file.read_text().strip())) == 32


def test_secrets_of_the_stack_stay_in_private_files(stack: StackEndpoints, data_dir: Path) -> None:
    secret_files = [*(data_dir / "secrets").iterdir(), data_dir / "stack.json", data_dir / "valkey" / "valkey.conf"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in secret_files} == {0o600}
    values = _secret_values(stack, data_dir)
    assert len(values) == 7
    seen = [repr(stack), (data_dir / "stack.json").read_text()]
    seen += [" ".join(process.cmdline()) for process in processes_of(data_dir)]
    seen += [path.read_text(errors="replace") for path in (data_dir / "logs").iterdir()]
    assert [value for value in values if any(value in text for text in seen)] == []


def test_servers_do_not_inherit_the_environment(
    background_stack: BackgroundStack, stack: StackEndpoints, data_dir: Path
) -> None:
    for name in background_stack.stack.server_names:
        for pid in background_stack.stack.pids(name):
            assert "PYTEST_VERSION" not in psutil.Process(pid).environ()
    assert "PYTEST_VERSION" in os.environ


def test_published_file_tells_other_commands_where_the_servers_are(stack: StackEndpoints, data_dir: Path) -> None:
    published = json.loads((data_dir / "stack.json").read_text())
    assert published["servers"]["TEMPORAL_ADDRESS"] == stack.environment["TEMPORAL_ADDRESS"]
    assert published["supervisor_pid"] == os.getpid()
    assert all(psutil.pid_exists(pid) for pid in published["pids"].values())
    assert len(published["pids"]) == 7


async def test_second_owner_of_the_data_directory_is_refused_by_name(stack: StackEndpoints, data_dir: Path) -> None:
    with pytest.raises(StackLocked, match=rf"{data_dir} is already in use by process {os.getpid()}"):
        await EmbeddedStack(data_dir).start()
    assert (data_dir / "stack.json").exists()


async def test_temporal_knows_the_search_attributes_and_serves_its_ui(stack: StackEndpoints) -> None:
    client = await Client.connect(stack.environment["TEMPORAL_ADDRESS"], namespace="sealcast")
    known = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="sealcast"))
    assert {key.name for key in SEARCH_ATTRIBUTES} <= set(known.custom_attributes)
    assert stack.temporal_ui_url is not None
    async with httpx.AsyncClient() as browser:
        assert (await browser.get(stack.temporal_ui_url)).status_code == 200


async def test_postgres_wants_its_password_and_does_not_run_as_root(
    stack: StackEndpoints, background_stack: BackgroundStack
) -> None:
    url = libpq_url(stack.environment["DATABASE_URL"])
    async with await psycopg.AsyncConnection.connect(url) as connection:
        row = await (await connection.execute("SELECT current_database(), version()")).fetchone()
    assert row is not None
    assert row[0] == "sealcast"
    assert row[1].startswith("PostgreSQL 18")
    host = url.rpartition("@")[2]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        await psycopg.AsyncConnection.connect(f"postgresql://postgres:wrong@{host}")


async def test_browser_may_upload_to_the_bucket_from_any_page(stack: StackEndpoints) -> None:
    bucket = f"{stack.environment['S3_ENDPOINT']}/{stack.environment['S3_BUCKET']}/upload.mp4"
    headers = {"Origin": "https://app.example", "Access-Control-Request-Method": "PUT"}
    async with httpx.AsyncClient() as browser:
        answer = await browser.options(bucket, headers=headers)
        refused = await browser.put(bucket, content=b"x")
    assert answer.headers["access-control-allow-origin"] in {"*", "https://app.example"}
    assert "PUT" in answer.headers["access-control-allow-methods"]
    assert refused.status_code == 403


async def test_clickhouse_refuses_a_wrong_password(stack: StackEndpoints) -> None:
    host = stack.environment["CLICKHOUSE_URL"].rpartition("@")[2].removesuffix("/default")
    async with httpx.AsyncClient() as client:
        refused = await client.post(f"http://default:wrong@{host}", content="SELECT 1")
        anonymous = await client.post(f"http://{host}", content="SELECT 1")
    assert (refused.status_code, anonymous.status_code) == (403, 403)
    assert refused.headers["x-clickhouse-exception-code"] == "516"
