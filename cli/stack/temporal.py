"""Temporal's development server with its Web UI: one binary, SQLite in the data directory."""

from __future__ import annotations

import shutil
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from cli.stack.errors import ToolMissing
from cli.stack.probes import probe_temporal
from cli.stack.process import ServerProcess
from cli.stack.server import HOST, EmbeddedServer, Site
from core.contracts.search_attributes import ALL as SEARCH_ATTRIBUTES


def temporal_binary() -> Path:
    """A `temporal` on the PATH wins over the packaged one. Raises ToolMissing."""
    found = shutil.which("temporal") or shutil.which("temporal", path=sysconfig.get_path("scripts"))
    if found is None:
        raise ToolMissing("temporal", "the temporal CLI", "make setup")
    return Path(found)


class TemporalServer(EmbeddedServer):
    name = "temporal"
    port_names = ("temporal", "temporal-ui")

    def __init__(self, site: Site, *, namespace: str) -> None:
        super().__init__(site)
        self._namespace = namespace
        self._home = site.directory.server(self.name)
        self._process = ServerProcess(self.name, site.directory.log(self.name))
        self.processes = (self._process,)

    @property
    def ui_url(self) -> str:
        return f"http://{HOST}:{self.site.ports.choose('temporal-ui', 8233)}"

    async def start(self) -> Mapping[str, str]:
        port = self.site.ports.choose("temporal", 7233)
        # HOME: the CLI reads a profile from there, which could redirect it.
        env = {"HOME": str(self._home), "TEMPORAL_VERSION_CHECK_DISABLED": "1"}
        await self._process.start(self._argv(port), cwd=self._home, env=env)
        address = f"{HOST}:{port}"
        await self._process.wait_ready(lambda: probe_temporal(address, self._namespace), timeout_seconds=60)
        return {"TEMPORAL_ADDRESS": address}

    async def stop(self) -> None:
        await self._process.stop()

    def _argv(self, port: int) -> list[str]:
        argv = [str(temporal_binary()), "server", "start-dev", "--ip", HOST, "--port", str(port)]
        argv += ["--ui-ip", HOST, "--ui-port", self.ui_url.rsplit(":", 1)[1], "--ui-disable-news-fetch"]
        # Relative to where it runs: SQLite would take a # or ? in the path for part of a URI.
        argv += ["--db-filename", "temporal.db", "--namespace", self._namespace]
        argv += ["--log-level", "warn", "--log-format", "json"]
        for key in SEARCH_ATTRIBUTES:
            argv += ["--search-attribute", f"{key.name}=Keyword"]
        return argv
