"""Servers that the environment names are used instead of embedded ones; those that fail are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli.stack.errors import ServerFailed, StackError, ToolMissing
from cli.stack.ports import free_port
from cli.stack.supervisor import EmbeddedStack, StackEndpoints
from tests.fixtures.supervising import processes_of

pytestmark = pytest.mark.stack


def _all_but(stack: StackEndpoints, *variables: str) -> dict[str, str]:
    return {name: value for name, value in stack.environment.items() if name not in variables}


async def test_all_servers_given_starts_none(stack: StackEndpoints, tmp_path: Path) -> None:
    given = EmbeddedStack(tmp_path, environment=stack.environment)
    async with given as endpoints:
        assert given.server_names == []
        assert processes_of(tmp_path) == []
        assert endpoints.as_environment() == stack.as_environment()
        assert endpoints.temporal_ui_url is None


@pytest.mark.parametrize("variable", ["DATABASE_URL", "TEMPORAL_ADDRESS", "S3_ENDPOINT", "CLICKHOUSE_URL", "REDIS_URL"])
async def test_given_server_that_does_not_answer_is_named(stack: StackEndpoints, tmp_path: Path, variable: str) -> None:
    value = stack.environment[variable]
    address = value.rpartition("@")[2].removeprefix("http://").split("/")[0]
    environment = {**stack.environment, variable: value.replace(address, f"127.0.0.1:{free_port()}")}
    with pytest.raises(StackError, match=f"the server in {variable} does not answer") as caught:
        await EmbeddedStack(tmp_path, environment=environment).start()
    assert stack.environment["S3_SECRET_KEY"] not in str(caught.value)
    assert value.split("@")[0] not in str(caught.value) or "@" not in value


async def test_given_object_store_without_keys_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="S3_ENDPOINT is set, but not S3_ACCESS_KEY and S3_SECRET_KEY"):
        await EmbeddedStack(tmp_path, environment={"S3_ENDPOINT": "http://127.0.0.1:1"}).start()


async def test_server_that_cannot_start_is_named_with_the_end_of_its_log(stack: StackEndpoints, tmp_path: Path) -> None:
    manifest = tmp_path / "valkey" / "appendonlydir" / "appendonly.aof.manifest"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("damaged\n")
    with pytest.raises(ServerFailed, match="valkey ended while starting") as caught:
        await EmbeddedStack(tmp_path, environment=_all_but(stack, "REDIS_URL")).start()
    assert caught.value.log_file == tmp_path / "logs" / "valkey.log"
    assert "Invalid AOF manifest" in str(caught.value)
    assert processes_of(tmp_path) == []


async def test_missing_program_is_named_with_the_command_that_installs_it(
    stack: StackEndpoints, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match=r"object store needs ceph, .* apt-get install .*radosgw"):
        await EmbeddedStack(tmp_path, environment=_all_but(stack, "S3_ENDPOINT")).start()


async def test_data_directory_that_cannot_be_made_is_an_error_in_one_sentence(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(StackError, match=r"cannot use the data directory .*file/data"):
        await EmbeddedStack(file / "data", environment={}).start()
