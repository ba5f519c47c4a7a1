"""What the supervisor knows about every server."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from cli.stack.data_directory import DataDirectory
from cli.stack.ports import PortBook
from cli.stack.process import ServerProcess

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Site:
    """Where a server keeps its files and from where it takes its ports."""

    directory: DataDirectory
    ports: PortBook


class EmbeddedServer(ABC):
    """A server that we start ourselves. `start` and `stop` can be called again, in turns."""

    #: As people call it, and as its directory and log file are named.
    name: ClassVar[str]
    #: Names of this server's ports in the port book.
    port_names: ClassVar[tuple[str, ...]]

    def __init__(self, site: Site) -> None:
        self.site = site
        self.processes: Sequence[ServerProcess] = ()

    @abstractmethod
    async def start(self) -> Mapping[str, str]:
        """Start and wait until it answers; the settings by which the application finds it. Raises StackError."""

    @abstractmethod
    async def stop(self) -> None:
        """End its processes; the data stays."""

    def forget_ports(self) -> None:
        for name in self.port_names:
            self.site.ports.forget(name)
