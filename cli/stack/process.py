"""Start, await and end one server process, so that none outlives its supervisor."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from cli.stack.errors import NotAnswering, ServerFailed, ToolMissing

_TAIL_LINES = 12
_KEPT_LOG_BYTES = 16 * 1024**2

DeathSignal = Literal["KILL", "QUIT"]
Probe = Callable[[], Awaitable[None]]


def server_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a server may see of our environment: not our secrets, not settings that would change its behaviour."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return {"LANG": "C.UTF-8", "TZ": "UTC", **kept, **(extra or {})}


class ServerProcess:
    """One child in a session of its own: a terminal's Ctrl-C reaches the supervisor, which stops servers in order."""

    def __init__(self, name: str, log_file: Path, *, death_signal: DeathSignal = "KILL") -> None:
        self.name = name
        self.log_file = log_file
        self._death_signal = death_signal
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    async def start(
        self, argv: Sequence[str], *, prefix: Sequence[str] = (), cwd: Path, env: Mapping[str, str] | None = None
    ) -> None:
        """`prefix` changes the identity; the parent-death signal is set after it, because the change would clear it.

        Must be called from the thread that lives as long as the server: the kernel ties the signal to that thread.
        """
        if shutil.which("setpriv") is None:
            raise ToolMissing(self.name, "setpriv", "apt-get install --no-install-recommends util-linux")
        _rotate(self.log_file)
        with self.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *prefix,
                *("setpriv", "--pdeathsig", self._death_signal, "--"),
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=cwd,
                env=server_environment(env),
                start_new_session=True,
            )

    async def wait_ready(
        self, probe: Probe, *, timeout_seconds: float, companions: Sequence[ServerProcess] = ()
    ) -> None:
        """Until the server answers. Raises ServerFailed when it, or one it needs, ends first, or it takes too long."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            try:
                async with asyncio.timeout(5):
                    return await probe()
            except (NotAnswering, TimeoutError) as error:
                reason = str(error) or "no answer within 5 s"
            for process in (self, *companions):
                if process.exit_code is not None:
                    raise process.failure(f"ended while starting ({describe_exit(process.exit_code)})")
            if time.monotonic() > deadline:
                raise self.failure(f"did not answer within {timeout_seconds:.0f} s: {reason}")
            await asyncio.sleep(0.05)

    @property
    def exit_code(self) -> int | None:
        return self._process.returncode if self._process else None

    async def wait(self) -> int:
        """The exit code, negative for a signal."""
        if self._process is None:
            raise RuntimeError("not started")
        return await self._process.wait()

    async def stop(self, *, first: signal.Signals = signal.SIGTERM, grace_seconds: float = 10) -> None:
        """Ask, wait, then insist. Ends the whole process group."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            _signal_group(process.pid, first)
            with suppress(TimeoutError):
                async with asyncio.timeout(grace_seconds):
                    await process.wait()
        _signal_group(process.pid, signal.SIGKILL)
        await process.wait()

    def failure(self, reason: str) -> ServerFailed:
        return ServerFailed(self.name, reason, self.log_file, tail(self.log_file))


async def run_tool(
    server: str, log_file: Path, argv: Sequence[str], *, prefix: Sequence[str] = (), cwd: Path | None = None
) -> bytes:
    """Run a server's own set-up program to its end; its standard output. Raises ServerFailed with what it said."""
    process = await asyncio.create_subprocess_exec(
        *prefix,
        *("setpriv", "--pdeathsig", "KILL", "--"),
        *argv,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=cwd,
        env=server_environment(),
    )
    try:
        output, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    # Standard output can hold generated credentials: it goes to the caller, never to the log.
    with log_file.open("ab") as log:
        log.write(errors)
    if process.returncode:
        program = Path(argv[0]).name
        said = "\n".join(errors.decode(errors="replace").splitlines()[-_TAIL_LINES:])
        raise ServerFailed(
            server, f"could not be set up: {program} {describe_exit(process.returncode)}", log_file, said
        )
    return output


def describe_exit(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def tail(log_file: Path) -> str:
    """The last lines of a log; empty when there is none."""
    if not log_file.exists():
        return ""
    with log_file.open(errors="replace") as lines:
        return "".join(deque(lines, maxlen=_TAIL_LINES)).rstrip()


def _rotate(log_file: Path) -> None:
    if log_file.exists() and log_file.stat().st_size > _KEPT_LOG_BYTES:
        log_file.replace(log_file.with_suffix(".log.1"))


def _signal_group(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(group, number)
