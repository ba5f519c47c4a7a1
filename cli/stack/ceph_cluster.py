"""Making the cluster's files once, and moving its monitor when its port is no longer free."""

from __future__ import annotations

import json
import shutil
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from cli.stack.ceph_configuration import CephConfiguration
from cli.stack.data_directory import write_private
from cli.stack.errors import ToolMissing
from cli.stack.process import run_tool

PROGRAMS = ("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
#: Relative to the cluster's home, where all of Ceph's programs run.
CONFIGURATION = "ceph.conf"
_MONMAP = "monmap"
REMEDY = "apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common"


@dataclass(frozen=True)
class ClusterState:
    """Kept in `cluster.json`. Until `ready`, nothing was stored and the files may be made anew."""

    fsid: str
    osd_uuid: str
    monitor_port: int
    ready: bool = False


class CephCluster:
    """The files of a cluster below `home`. Starts no daemon."""

    def __init__(self, server: str, home: Path, log_file: Path) -> None:
        self.home = home
        self._configuration_file = home / CONFIGURATION
        self._server = server
        self._log_file = log_file
        self._state_file = home / "cluster.json"

    def require_programs(self) -> None:
        for program in PROGRAMS:
            if shutil.which(program) is None:
                raise ToolMissing(self._server, program, REMEDY)

    def load(self) -> ClusterState | None:
        """None until a first start came to its end."""
        if not self._state_file.exists():
            return None
        state = ClusterState(**json.loads(self._state_file.read_text()))
        return state if state.ready else None

    def save(self, state: ClusterState) -> None:
        write_private(self._state_file, json.dumps(asdict(state)) + "\n")

    def configure(self, state: ClusterState, gateway_port: int) -> None:
        configuration = CephConfiguration(self.home, state.fsid, state.monitor_port, gateway_port)
        write_private(self._configuration_file, configuration.render())

    async def create(self, monitor_port: int, gateway_port: int) -> ClusterState:
        """Monitor map and monitor store of a new cluster; remains of an interrupted attempt are removed."""
        for name in ("mon", "osd", "rgw"):
            shutil.rmtree(self.home / name, ignore_errors=True)
            (self.home / name).mkdir(mode=0o700)
        state = ClusterState(str(uuid.uuid4()), str(uuid.uuid4()), monitor_port)
        self.save(state)
        self.configure(state, gateway_port)
        await self.tool(
            "ceph-authtool", "--create-keyring", "keyring", "--gen-key", "-n", "mon.", "--cap", "mon", "allow *"
        )
        await self.tool(
            "monmaptool", "--create", "--clobber", "--addv", "a", _address(state), "--fsid", state.fsid, _MONMAP
        )
        await self.ceph("ceph-mon", "--mkfs", "-i", "a", "--monmap", _MONMAP, "--keyring", "keyring")
        return state

    async def move_monitor(self, state: ClusterState, monitor_port: int) -> ClusterState:
        """Write the new address into the monitor's map: it listens where that says, whatever is configured."""
        moved = ClusterState(state.fsid, state.osd_uuid, monitor_port, state.ready)
        await self.ceph("ceph-mon", "-i", "a", "--extract-monmap", _MONMAP)
        await self.tool("monmaptool", "--rm", "a", _MONMAP)
        await self.tool("monmaptool", "--addv", "a", _address(moved), _MONMAP)
        await self.ceph("ceph-mon", "-i", "a", "--inject-monmap", _MONMAP)
        self.save(moved)
        return moved

    async def ceph(self, program: str, *arguments: str) -> bytes:
        """A Ceph program with this cluster's configuration."""
        return await self.tool(program, "-c", CONFIGURATION, *arguments)

    async def tool(self, *argv: str) -> bytes:
        return await run_tool(self._server, self._log_file, argv, cwd=self.home)


def _address(state: ClusterState) -> str:
    return f"[v2:127.0.0.1:{state.monitor_port}]"
