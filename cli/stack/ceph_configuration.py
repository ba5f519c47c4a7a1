"""`ceph.conf` of a one-machine cluster: one monitor, one OSD, one gateway, no systemd, no manager daemon."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

_GIB = 1024**3
_LARGEST_STORE = 1024 * _GIB

_CONFIGURATION = """\
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{monitor_port}
mon initial members = a
public network = 127.0.0.0/8
# Everything is on the loopback of one machine; S3 requests are signed all the same.
auth cluster required = none
auth service required = none
auth client required = none
# radosgw defaults to "secure", which hangs without authentication.
ms mon client mode = crc
ms mon cluster mode = crc
ms mon service mode = crc
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data avail crit = 1
# One monitor has nobody to wait for: a first start takes 5 s instead of 16 s.
paxos propose interval = 0.05
paxos min wait = 0.01
# A restarted OSD has a new address; look for it after 1 s, not after 10 s.
objecter timeout = 1
objecter tick interval = 0.5
mon client hunt interval = 0.3
# A killed gateway would hold up the next one's first change of a bucket for 30 s.
osd client watch timeout = 5
osd default notify timeout = 5
# Relative to the directory that the daemons run in: Ceph cannot read paths with letters beyond ASCII.
run dir = .
crash dir = .
keyring = keyring
# A socket's path may be too long for the kernel, and nobody asks.
admin socket =
log to file = false
log to stderr = true
err to stderr = true
mon cluster log to file = false
mon cluster log to stderr = false
debug mon = 0/0
debug osd = 0/0
debug paxos = 0/0
debug rgw = 0/0
debug rocksdb = 1/1
debug bluestore = 0/0
debug bluefs = 0/0
osd objectstore = bluestore
# A sparse file; read when the store is made, then fixed.
bluestore block size = {store_bytes}
osd memory target = 939524096
[mon.a]
mon data = mon
[osd.0]
osd data = osd
[client.rgw]
rgw data = rgw
# Without tcp_nodelay a small GET takes 45 ms instead of 3 ms.
rgw frontends = beast endpoint=127.0.0.1:{gateway_port} tcp_nodelay=1
# Give deleted objects' space back within minutes, not after two hours.
rgw gc obj min wait = 60
rgw gc processor period = 60
rgw gc processor max time = 60
"""


@dataclass(frozen=True)
class CephConfiguration:
    """What differs from one data directory to the next."""

    home: Path
    fsid: str
    monitor_port: int
    gateway_port: int

    def render(self) -> str:
        return _CONFIGURATION.format(
            fsid=self.fsid,
            monitor_port=self.monitor_port,
            gateway_port=self.gateway_port,
            store_bytes=_store_bytes(self.home),
        )


def _store_bytes(home: Path) -> int:
    """Most of the disk's free space: Ceph then reports "full" itself, before the disk is."""
    return max(10 * _GIB, min(_LARGEST_STORE, shutil.disk_usage(home).free * 8 // 10))
