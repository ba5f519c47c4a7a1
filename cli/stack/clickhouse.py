"""ClickHouse's engine (chDB) in a process of its own, behind our HTTP server (see clickhouse_shim)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.util import find_spec

from cli.stack.errors import ToolMissing
from cli.stack.probes import probe_clickhouse
from cli.stack.process import ServerProcess
from cli.stack.server import HOST, EmbeddedServer, Site


class ClickHouseServer(EmbeddedServer):
    name = "clickhouse"
    port_names = ("clickhouse",)

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._home = site.directory.server(self.name)
        self._process = ServerProcess(self.name, site.directory.log(self.name))
        self.processes = (self._process,)

    async def start(self) -> Mapping[str, str]:
        if find_spec("chdb") is None:
            raise ToolMissing(self.name, "the package chdb", "make setup")
        port = self.site.ports.choose("clickhouse", 8123)
        password = self.site.directory.secret("clickhouse.password")
        argv = [sys.executable, "-m", "cli.stack.clickhouse_shim", "--port", str(port)]
        argv += ["--path", str(self._home / "data")]
        argv += ["--password-file", str(self.site.directory.secret_file("clickhouse.password"))]
        await self._process.start(argv, cwd=self._home)
        url = f"http://default:{password}@{HOST}:{port}/default"
        await self._process.wait_ready(lambda: probe_clickhouse(url), timeout_seconds=60)
        return {"CLICKHOUSE_URL": url}

    async def stop(self) -> None:
        await self._process.stop()
