"""`python -m bench.host`: API and both workers as operators run them, under one process that accounts for them.

Asked over stdin: a line with anything is answered by one line of JSON, the accounts so far; end of input stops all.
"""

from __future__ import annotations

import asyncio
import json
import os
import selectors
import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.accounting import Accounts, ToolRun, become_subreaper, read_stat, tree_seconds

PROCESSES: dict[str, list[str]] = {
    "api": ["api"],
    "orchestration": ["worker", "orchestration"],
    "media": ["worker", "media"],
}
#: What each says in its log when it is up.
READY = {"api": "Uvicorn running", "orchestration": '"polling"', "media": '"polling"'}
_LOOK_SECONDS = 0.1
_STOP_SECONDS = 30.0


@dataclass(frozen=True)
class Snapshot:
    """Seconds of processor time since the start: `cpu` of everything, `python` of each of our own processes."""

    cpu: float
    python: dict[str, float]
    tools: list[ToolRun] = field(default_factory=list)
    peak_sum_bytes: int = 0


class Host:
    """A running platform; `async with` stops it."""

    def __init__(self, environment: Mapping[str, str], logs: Path) -> None:
        self._environment = dict(environment)
        self._logs = logs
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Host:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bench.host", str(self._logs)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(__file__).parents[1],
            env={**os.environ, **self._environment},
            limit=2**24,
        )
        await self.snapshot()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            await self._process.wait()

    async def snapshot(self) -> Snapshot:
        """The accounts so far; the first answer comes when all processes are up. Raises RuntimeError."""
        if self._process is None or self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the platform was not started")
        self._process.stdin.write(b"?\n")
        await self._process.stdin.drain()
        line = await self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the platform ended; see {self._logs}")
        answer: dict[str, Any] = json.loads(line)
        return Snapshot(**{**answer, "tools": [ToolRun(**run) for run in answer["tools"]]})


def main(logs: Path) -> int:
    become_subreaper()
    roots = {name: _start(arguments, logs / f"{name}.log") for name, arguments in PROCESSES.items()}
    try:
        _wait_until_up(roots, logs)
        _serve(roots)
    finally:
        _stop(roots)
    return 0


def _start(arguments: list[str], log: Path) -> int:
    """The child's pid. Not kept as Popen: this process waits for all children itself."""
    sealcast = Path(sys.executable).with_name("sealcast")
    with log.open("ab") as output:
        return os.posix_spawn(
            str(sealcast),
            [str(sealcast), *arguments],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, output.fileno(), 1),
                (os.POSIX_SPAWN_DUP2, output.fileno(), 2),
            ],
        )


def _wait_until_up(roots: Mapping[str, int], logs: Path) -> None:
    for name, pid in roots.items():
        log = logs / f"{name}.log"
        while READY[name] not in log.read_text(errors="replace"):
            stat = read_stat(pid)
            if stat is None or stat.state == "Z":
                raise RuntimeError(f"{name} ended while starting; see {log}")
            time.sleep(0.1)


def _serve(roots: Mapping[str, int]) -> None:
    accounts = Accounts()
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.buffer, selectors.EVENT_READ)
        while True:
            asked = selector.select(_LOOK_SECONDS)
            accounts.look()
            accounts.reap()
            if asked:
                if not sys.stdin.buffer.readline():
                    return
                print(json.dumps(asdict(_snapshot(roots, accounts))), flush=True)


def _snapshot(roots: Mapping[str, int], accounts: Accounts) -> Snapshot:
    stats = {name: read_stat(pid) for name, pid in roots.items()}
    living = sum(tree_seconds(pid) for pid in roots.values())
    return Snapshot(
        cpu=living + accounts.inherited_seconds,
        python={name: stat.own for name, stat in stats.items() if stat is not None},
        tools=accounts.tools(),
        peak_sum_bytes=accounts.peak_sum_bytes,
    )


def _stop(roots: Mapping[str, int]) -> None:
    for pid in roots.values():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + _STOP_SECONDS
    while time.monotonic() < deadline:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.05)
        except ChildProcessError:
            return
    for pid in roots.values():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
