"""The object store: Ceph's S3 gateway (radosgw) over one monitor and one OSD."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Mapping
from dataclasses import replace

from minio.error import MinioException
from urllib3.exceptions import HTTPError

from cli.stack.bucket import ensure_bucket
from cli.stack.ceph_cluster import CONFIGURATION, CephCluster, ClusterState
from cli.stack.data_directory import write_private
from cli.stack.errors import NotAnswering, ServerFailed
from cli.stack.probes import probe_s3, s3_client
from cli.stack.process import ServerProcess
from cli.stack.server import HOST, EmbeddedServer, Site

_USER = "sealcast"


class ObjectStore(EmbeddedServer):
    name = "object store"
    port_names = ("object-store", "ceph-mon")

    def __init__(self, site: Site, *, bucket: str) -> None:
        super().__init__(site)
        self._bucket = bucket
        log = site.directory.log
        self._cluster = CephCluster(self.name, site.directory.server("ceph"), log("ceph-setup"))
        self._monitor = ServerProcess("object store (ceph-mon)", log("ceph-mon"))
        self._osd = ServerProcess("object store (ceph-osd)", log("ceph-osd"))
        self._gateway = ServerProcess("object store (radosgw)", log("radosgw"))
        self.processes = (self._monitor, self._osd, self._gateway)

    async def start(self) -> Mapping[str, str]:
        self._cluster.require_programs()
        gateway_port = self.site.ports.choose("object-store", 9000)
        state = self._cluster.load()
        if state is None:
            await self._start_first(await self._cluster.create(self._monitor_port(), gateway_port))
        else:
            await self._start_again(state, gateway_port)
        access_key, secret_key = await self._credentials()
        endpoint = f"http://{HOST}:{gateway_port}"
        client = s3_client(endpoint, access_key, secret_key)
        await self._run(self._gateway, "radosgw", "-n", "client.rgw", "-f")
        await self._gateway.wait_ready(
            lambda: probe_s3(client, self._bucket), timeout_seconds=120, companions=(self._monitor, self._osd)
        )
        try:
            await asyncio.to_thread(ensure_bucket, client, self._bucket)
        except (MinioException, HTTPError) as error:
            raise self._gateway.failure(f"could not make the bucket {self._bucket}: {error}") from error
        return {
            "S3_ENDPOINT": endpoint,
            "S3_ACCESS_KEY": access_key,
            "S3_SECRET_KEY": secret_key,
            "S3_BUCKET": self._bucket,
            # Ceph answers an empty redirect, which VdoCipher's clients send, by a redirection.
            "SEALCAST_RELAY_FORMS": "true",
        }

    async def stop(self) -> None:
        # The gateway goes first: without an OSD it would wait two minutes before it ends. It keeps no state.
        crippled = self._osd.exit_code is not None or self._monitor.exit_code is not None
        await self._gateway.stop(first=signal.SIGKILL if crippled else signal.SIGTERM, grace_seconds=5)
        await self._osd.stop()
        await self._monitor.stop()

    async def _start_first(self, state: ClusterState) -> None:
        """A cluster counts as made only once its S3 user is stored in it."""
        await self._start_monitor()
        await self._cluster.ceph("ceph", "--connect-timeout", "60", "osd", "new", state.osd_uuid)
        await self._cluster.ceph("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", state.osd_uuid)
        await self._start_osd()
        await self._osd.wait_ready(self._probe_osd, timeout_seconds=120, companions=(self._monitor,))
        keys = await self._cluster.ceph("radosgw-admin", "user", "create", f"--uid={_USER}", f"--display-name={_USER}")
        self._keep_credentials(keys)
        self._cluster.save(replace(state, ready=True))

    async def _start_again(self, state: ClusterState, gateway_port: int) -> None:
        monitor_port = self._monitor_port()
        self._cluster.configure(state, gateway_port)
        if monitor_port != state.monitor_port:
            state = await self._cluster.move_monitor(state, monitor_port)
            self._cluster.configure(state, gateway_port)
        await self._start_monitor()
        await self._start_osd()

    def _monitor_port(self) -> int:
        return self.site.ports.choose("ceph-mon", 3300)

    async def _start_monitor(self) -> None:
        await self._run(self._monitor, "ceph-mon", "-i", "a", "-f")

    async def _start_osd(self) -> None:
        await self._run(self._osd, "ceph-osd", "-i", "0", "-f")

    async def _run(self, process: ServerProcess, program: str, *arguments: str) -> None:
        argv = [program, "-c", CONFIGURATION, *arguments]
        await process.start(argv, cwd=self._cluster.home)

    async def _probe_osd(self) -> None:
        try:
            status = json.loads(await self._cluster.ceph("ceph", "--connect-timeout", "3", "osd", "stat", "-f", "json"))
        except ServerFailed as error:
            raise NotAnswering(str(error)) from error
        if status["num_up_osds"] != 1:
            raise NotAnswering("the OSD is not up yet")

    async def _credentials(self) -> tuple[str, str]:
        """Random keys of the gateway's own making, so that they never were in an argv."""
        path = self.site.directory.secret_file("s3.json")
        if not path.exists():
            self._keep_credentials(await self._cluster.ceph("radosgw-admin", "user", "info", f"--uid={_USER}"))
        stored = json.loads(path.read_text())
        return stored["access_key"], stored["secret_key"]

    def _keep_credentials(self, user: bytes) -> None:
        key = json.loads(user)["keys"][0]
        content = {"access_key": key["access_key"], "secret_key": key["secret_key"]}
        write_private(self.site.directory.secret_file("s3.json"), json.dumps(content) + "\n")
