"""Which port each server listens on: the one it had, else the usual one, else any free one."""

from __future__ import annotations

import json
import socket
from pathlib import Path

_HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether nobody listens there. SO_REUSEADDR, so that the closed connections of a last run do not count."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
        return True


def free_port(usual: int | None = None) -> int:
    """`usual` where it is free, else a port of the kernel's choice."""
    if usual is not None and is_free(usual):
        return usual
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        chosen: int = probe.getsockname()[1]
        return chosen


class PortBook:
    """Remembers the ports of a data directory, so that addresses stay the same from run to run where possible."""

    def __init__(self, path: Path, *, prefer_usual: bool = True) -> None:
        self._path = path
        self._prefer_usual = prefer_usual
        self._remembered: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        self._given: dict[str, int] = {}

    def choose(self, name: str, usual: int) -> int:
        """The port for `name`; the same one for as long as this book lives."""
        if name not in self._given:
            remembered = self._remembered.get(name)
            port = remembered if remembered is not None and self._available(remembered) else self._fresh(usual)
            self._give(name, port)
        return self._given[name]

    def forget(self, name: str) -> None:
        """Somebody else took this port; the next `choose` gives another one."""
        self._given.pop(name, None)
        self._remembered.pop(name, None)

    def _fresh(self, usual: int) -> int:
        if self._prefer_usual and self._available(usual):
            return usual
        while not self._available(port := free_port()):
            continue
        return port

    def _available(self, port: int) -> bool:
        return port not in self._given.values() and is_free(port)

    def _give(self, name: str, port: int) -> None:
        self._given[name] = self._remembered[name] = port
        self._path.write_text(json.dumps(self._remembered, indent=2) + "\n")
