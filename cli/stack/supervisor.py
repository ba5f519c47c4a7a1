"""Runs the embedded servers of one data directory: starts them together, restarts what crashes, stops them all."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from cli.stack.clickhouse import ClickHouseServer
from cli.stack.data_directory import DataDirectory, DirectoryLock
from cli.stack.endpoints import StackEndpoints
from cli.stack.errors import ServerFailed, StackError
from cli.stack.given import given_servers
from cli.stack.object_store import ObjectStore
from cli.stack.ports import PortBook
from cli.stack.postgres import PostgresServer
from cli.stack.process import describe_exit
from cli.stack.server import EmbeddedServer, Site
from cli.stack.temporal import TemporalServer
from cli.stack.valkey import ValkeyServer

__all__ = ["EmbeddedStack", "StackEndpoints"]

_ATTEMPTS = 3
#: A server that crashes more often than this within ten minutes stays down.
_RESTARTS = 5
_RESTART_WINDOW_SECONDS = 600.0

Announce = Callable[[str], None]


class EmbeddedStack:
    """`async with EmbeddedStack(path) as endpoints`, or `start` and `stop`. One owner per data directory."""

    def __init__(
        self,
        data_dir: Path,
        *,
        announce: Announce = lambda _: None,
        prefer_usual_ports: bool = True,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`announce` gets one line per event. `environment` (by default the process's) may name servers to use
        instead of embedded ones."""
        self._data_dir = data_dir
        self._announce = announce
        self._prefer_usual_ports = prefer_usual_ports
        self._environment = dict(os.environ if environment is None else environment)
        self._servers: dict[str, EmbeddedServer] = {}
        self._guards: dict[str, asyncio.Task[None]] = {}
        self._directory: DataDirectory | None = None
        self._lock: DirectoryLock | None = None
        self._published: dict[str, Any] = {}

    async def __aenter__(self) -> StackEndpoints:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> StackEndpoints:
        """Start all servers at once; when it returns, each has answered. Raises StackError, leaving nothing behind."""
        directory = DataDirectory.prepare(self._data_dir)
        lock = DirectoryLock(directory)
        lock.acquire()
        self._directory, self._lock = directory, lock
        try:
            directory.retract()
            endpoints = await self._start_servers(directory)
        except BaseException:
            await self.stop()
            raise
        self._guards = {name: asyncio.create_task(self._guard(name)) for name in self._servers}
        self.publish({"servers": endpoints.public(), "temporal_ui": endpoints.temporal_ui_url})
        return endpoints

    async def stop(self) -> None:
        """End every server and wait for it. Safe to call at any time, and again."""
        for guard in self._guards.values():
            guard.cancel()
        await asyncio.gather(*self._guards.values(), return_exceptions=True)
        self._guards = {}
        if self._directory is not None:
            self._directory.retract()
        await asyncio.gather(*(server.stop() for server in self._servers.values()))
        self._servers = {}
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def publish(self, facts: Mapping[str, Any]) -> None:
        """Add to `stack.json`, which other commands read while this process runs. No secrets."""
        if self._directory is None:
            raise StackError("the servers are not running")
        pids = {process.name: process.pid for server in self._servers.values() for process in server.processes}
        self._published |= {**facts, "supervisor_pid": os.getpid(), "pids": pids}
        self._directory.publish(self._published)

    def pids(self, name: str) -> list[int]:
        """The processes of one server."""
        return [process.pid for process in self._servers[name].processes if process.pid is not None]

    @property
    def server_names(self) -> list[str]:
        """The servers that run here; those given by the environment are not among them."""
        return list(self._servers)

    async def restart(self, name: str) -> None:
        """Stop and start one server over its data, at the same address."""
        guard = self._guards.pop(name)
        guard.cancel()
        with suppress(asyncio.CancelledError):
            await guard
        await self._servers[name].stop()
        await self._servers[name].start()
        self._guards[name] = asyncio.create_task(self._guard(name))
        self.publish({})

    async def _start_servers(self, directory: DataDirectory) -> StackEndpoints:
        namespace = self._environment.get("SEALCAST_TEMPORAL_NAMESPACE", "sealcast")
        bucket = self._environment.get("S3_BUCKET", "sealcast")
        site = Site(directory, PortBook(directory.root / "ports.json", prefer_usual=self._prefer_usual_ports))
        temporal = TemporalServer(site, namespace=namespace)
        ours: dict[str, EmbeddedServer] = {
            "DATABASE_URL": PostgresServer(site),
            "TEMPORAL_ADDRESS": temporal,
            "S3_ENDPOINT": ObjectStore(site, bucket=bucket),
            "CLICKHOUSE_URL": ClickHouseServer(site),
            "REDIS_URL": ValkeyServer(site),
        }
        given = given_servers(self._environment, namespace=namespace, bucket=bucket)
        self._servers = {server.name: server for variable, server in ours.items() if variable not in given}
        found = await _all(
            *(self._timed(server.name, self._start_one(server)) for server in self._servers.values()),
            *(self._timed(server.label, server.check()) for server in given.values()),
        )
        environment = {name: value for mapping in found for name, value in mapping.items()}
        environment |= self._own_settings(directory, namespace)
        return StackEndpoints(environment, None if "TEMPORAL_ADDRESS" in given else temporal.ui_url)

    async def _timed(self, label: str, work: Awaitable[Mapping[str, str]]) -> Mapping[str, str]:
        self._announce(f"starting {label} …")
        started = time.monotonic()
        found = await work
        self._announce(f"{label} ready in {time.monotonic() - started:.1f} s")
        return found

    async def _start_one(self, server: EmbeddedServer) -> Mapping[str, str]:
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await server.start()
            except ServerFailed as error:
                if not error.port_was_taken or attempt == _ATTEMPTS:
                    raise
                await server.stop()
                server.forget_ports()
        raise AssertionError("unreachable")

    def _own_settings(self, directory: DataDirectory, namespace: str) -> dict[str, str]:
        """What the application needs besides servers. A key file given in the environment is used as it is."""
        settings = {"SEALCAST_TEMPORAL_NAMESPACE": namespace, "SEALCAST_SCRATCH_DIR": str(directory.scratch)}
        for variable, name in (("SEALCAST_ROOT_KEY_FILE", "root.key"), ("SEALCAST_SIGNING_KEY_FILE", "signing.key")):
            directory.secret(name)
            settings[variable] = str(directory.secret_file(name))
        return {name: self._environment.get(name, value) for name, value in settings.items()}

    async def _guard(self, name: str) -> None:
        """Restart a server whenever one of its processes ends by itself; give up when it does so all the time."""
        server = self._servers[name]
        crashes: list[float] = []
        while True:
            reason = await _first_exit(server)
            now = time.monotonic()
            crashes = [*(at for at in crashes if now - at < _RESTART_WINDOW_SECONDS), now]
            if len(crashes) > _RESTARTS:
                self._announce(f"{name} ended again ({reason}); giving up on it, see {server.processes[0].log_file}")
                return
            self._announce(f"{name} ended unexpectedly ({reason}); restarting it")
            await server.stop()
            try:
                # The application knows the address: a restart keeps the ports, or fails.
                await server.start()
            except StackError as error:
                self._announce(f"{name} could not be restarted: {error}")
                await server.stop()
                return
            self._announce(f"{name} is back")
            self.publish({})


async def _first_exit(server: EmbeddedServer) -> str:
    waiting = [asyncio.create_task(process.wait()) for process in server.processes]
    try:
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        return describe_exit(done.pop().result())
    finally:
        for task in waiting:
            task.cancel()


async def _all(*work: Awaitable[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Like `gather`, but the first failure ends the rest, and is raised as itself."""
    tasks = [asyncio.ensure_future(one) for one in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
