"""The layout of a data directory: who may read what, its secrets, and the lock that keeps a second owner out."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.stack.errors import StackError, StackLocked


@dataclass(frozen=True)
class DataDirectory:
    """Everything the embedded servers keep lives below `root`."""

    root: Path

    @classmethod
    def prepare(cls, root: Path) -> DataDirectory:
        """Create what is missing. The root can be passed through, not listed: PostgreSQL may run as another user."""
        resolved = root.resolve()
        try:
            resolved.mkdir(mode=0o711, parents=True, exist_ok=True)
            for name in ("logs", "secrets", "scratch"):
                (resolved / name).mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise StackError(f"cannot use the data directory {resolved}: {error.strerror}") from error
        return cls(resolved)

    def server(self, name: str) -> Path:
        """A server's own directory."""
        path = self.root / name
        path.mkdir(mode=0o711, exist_ok=True)
        return path

    def log(self, name: str) -> Path:
        return self.root / "logs" / f"{name}.log"

    @property
    def scratch(self) -> Path:
        return self.root / "scratch"

    def secret_file(self, name: str) -> Path:
        return self.root / "secrets" / name

    def secret(self, name: str) -> str:
        """32 random bytes, hex, made once and kept in a file that only its owner can read."""
        path = self.secret_file(name)
        if not path.exists():
            write_private(path, secrets.token_hex(32) + "\n")
        return path.read_text().strip()

    @property
    def published(self) -> Path:
        """What other commands read to find the running servers."""
        return self.root / "stack.json"

    def publish(self, content: Mapping[str, Any]) -> None:
        write_private(self.published, json.dumps(content, indent=2) + "\n")

    def retract(self) -> None:
        self.published.unlink(missing_ok=True)


def write_private(path: Path, text: str) -> None:
    """Replace `path` in one step; the content is never readable to others, and never half written."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


class DirectoryLock:
    """An advisory lock that the kernel releases when its process ends, however it ends."""

    def __init__(self, directory: DataDirectory) -> None:
        self._path = directory.root / "stack.lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Raises StackLocked, naming the process that holds the directory."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode().strip() or "unknown"
            os.close(descriptor)
            raise StackLocked(
                f"{self._path.parent} is already in use by process {holder}; stop it, or choose another --data-dir"
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
