"""Spares callers the waiting for a server that did not answer a moment ago.

Whoever waits for such a server holds a database connection meanwhile; enough of them, and nobody gets one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class CircuitOpen(Exception):
    """Not tried: the last try failed too short a time ago."""


class Circuit:
    def __init__(self, pause_seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        """`pause_seconds` should exceed the time in which a try fails."""
        self._pause = pause_seconds
        self._monotonic = monotonic
        self._next_try: float | None = None

    @contextmanager
    def trying(self, *failures: type[Exception]) -> Iterator[None]:
        """Raises CircuitOpen. A failure of these kinds opens it; then one try at a time, until one succeeds."""
        if self._next_try is not None:
            if self._monotonic() < self._next_try:
                raise CircuitOpen
            # The others go on being spared until this one knows.
            self._next_try = self._monotonic() + self._pause
        try:
            yield
        except failures:
            self._next_try = self._monotonic() + self._pause
            raise
        self._next_try = None
