"""One server process: ready, failed, stopped."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

from cli.stack.errors import NotAnswering, ServerFailed
from cli.stack.process import ServerProcess, run_tool


async def _never_answers() -> None:
    raise NotAnswering("connection refused")


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[ServerProcess]:
    process = ServerProcess("postgres", tmp_path / "postgres.log")
    yield process
    await process.stop(first=signal.SIGKILL)


async def test_server_that_ends_while_starting_is_told_with_its_last_words(
    server: ServerProcess, tmp_path: Path
) -> None:
    await server.start(["sh", "-c", "echo no space left >&2; exit 3"], cwd=tmp_path)
    with pytest.raises(ServerFailed, match=r"(?s)postgres ended while starting \(exit code 3\).*no space left"):
        await server.wait_ready(_never_answers, timeout_seconds=10)


async def test_server_that_never_answers_is_told_with_the_last_reason(server: ServerProcess, tmp_path: Path) -> None:
    await server.start(["sleep", "60"], cwd=tmp_path)
    with pytest.raises(ServerFailed, match=r"did not answer within 0 s: connection refused"):
        await server.wait_ready(_never_answers, timeout_seconds=0.2)


async def test_companion_that_ends_is_the_one_that_is_blamed(server: ServerProcess, tmp_path: Path) -> None:
    companion = ServerProcess("ceph-osd", tmp_path / "ceph-osd.log")
    await server.start(["sleep", "60"], cwd=tmp_path)
    await companion.start(["false"], cwd=tmp_path)
    with pytest.raises(ServerFailed, match="ceph-osd ended while starting"):
        await server.wait_ready(_never_answers, timeout_seconds=10, companions=(companion,))


async def test_stop_insists_when_asking_does_not_help(server: ServerProcess, tmp_path: Path) -> None:
    """The shell ignores SIGTERM, and so does its child."""
    ready = tmp_path / "ready"
    await server.start(["sh", "-c", f"trap '' TERM; sleep 60 & touch {ready}; wait"], cwd=tmp_path)
    async with asyncio.timeout(10):
        while not ready.exists():  # noqa: ASYNC110 - the shell cannot set an event of ours
            await asyncio.sleep(0.01)
    assert server.pid is not None
    family = [psutil.Process(server.pid), *psutil.Process(server.pid).children()]
    assert len(family) == 2
    await server.stop(grace_seconds=0.1)
    assert server.exit_code == -signal.SIGKILL
    assert psutil.wait_procs(family, timeout=5)[1] == []


async def test_server_sees_no_secret_of_our_environment(
    server: ServerProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_SECRET_KEY", "hidden")
    await server.start([sys.executable, "-c", "import os; print(sorted(os.environ))"], cwd=tmp_path)
    assert await server.wait() == 0
    log = server.log_file.read_text()
    assert "PATH" in log
    assert "S3_SECRET_KEY" not in log


async def test_failing_set_up_program_is_told_without_its_standard_output(tmp_path: Path) -> None:
    log = tmp_path / "setup.log"
    with pytest.raises(ServerFailed, match=r"(?s)could not be set up: sh exit code 1.*reason") as caught:
        await run_tool("object store", log, ["sh", "-c", "echo generated-key; echo reason >&2; exit 1"])
    assert "generated-key" not in str(caught.value) + log.read_text()
