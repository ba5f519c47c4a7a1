"""Kill, restart, stop: the data stays, the processes do not."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest

from cli.stack.supervisor import EmbeddedStack, StackEndpoints
from tests.fixtures.stack import BackgroundStack
from tests.fixtures.supervising import SupervisorProcess, processes_of
from tests.integration.stack.written_data import read_everywhere, write_everywhere

pytestmark = pytest.mark.stack

EVERY_SERVER = ["postgres", "object store", "valkey", "clickhouse", "temporal"]


async def test_killed_supervisor_leaves_no_orphan_and_the_next_start_finds_the_data_on_other_ports(
    tmp_path: Path,
) -> None:
    # A path that a socket's address could not hold, with what configuration files trip over.
    data_dir = tmp_path / "Müller & Söhne; #1 $name" / ("long" * 20)
    data_dir.parent.mkdir()
    with SupervisorProcess(data_dir) as supervisor:
        before = await asyncio.to_thread(supervisor.environment)
        await write_everywhere(before)
        servers = processes_of(data_dir)
        assert len(servers) > len(EVERY_SERVER)
        supervisor.kill()
        _, alive = psutil.wait_procs(servers, timeout=10)
        assert alive == []
        assert processes_of(data_dir) == []

    with ExitStack() as taken:
        for port in _remembered_ports(data_dir):
            taken.enter_context(socket.create_server(("127.0.0.1", port)))
        async with EmbeddedStack(data_dir, environment={}) as after:
            assert after.environment["S3_SECRET_KEY"] == before["S3_SECRET_KEY"]
            assert {after.environment[name] == before[name] for name in ("DATABASE_URL", "S3_ENDPOINT")} == {False}
            assert await read_everywhere(after.environment) == EVERY_SERVER
    assert processes_of(data_dir) == []
    assert not (data_dir / "stack.json").exists()


def _remembered_ports(data_dir: Path) -> list[int]:
    ports = list(json.loads((data_dir / "ports.json").read_text()).values())
    assert len(ports) == 7
    return ports


@pytest.mark.parametrize("victim", ["ceph-osd", "postgres"])
async def test_crashed_server_comes_back_at_its_address(
    stack: StackEndpoints, background_stack: BackgroundStack, victim: str
) -> None:
    """SIGKILL of one process; whoever waits for the server sees it again."""
    server = {"ceph-osd": "object store"}.get(victim, victim)
    before = background_stack.stack.pids(server)
    told = len(background_stack.lines)
    next(p for pid in before if (p := psutil.Process(pid)).name() == victim).kill()
    await asyncio.to_thread(background_stack.wait_for, f"{server} is back", after=told)
    assert set(before).isdisjoint(background_stack.stack.pids(server))
    assert f"{server} ended unexpectedly (killed by SIGKILL); restarting it" in background_stack.lines[told:]


async def test_restarted_server_keeps_its_address(stack: StackEndpoints, background_stack: BackgroundStack) -> None:
    before = background_stack.stack.pids("temporal")
    await asyncio.to_thread(background_stack.restart, "temporal")
    assert background_stack.stack.pids("temporal") != before
