"""How many requests of resumable uploads this process takes in at once: each holds parts in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.domain.errors import Unavailable


class UploadSlots:
    def __init__(self, number: int) -> None:
        self._free = number

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises Unavailable when none is free."""
        if not self._free:
            raise Unavailable("Too many uploads at once. Please go on in a moment.", code="UPLOADS_BUSY")
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1
