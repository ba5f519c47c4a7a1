"""Protocols for what videos are imported from."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class SourceStream:
    """What is left of a source from byte `start` on. `size` is the whole source's, in bytes, if its server tells.

    `validator` names the source's present state, None when nothing does: then it cannot be gone on with later.
    `chunks` raises PeerFailed.
    """

    start: int
    size: int | None
    validator: str | None
    chunks: AsyncIterator[bytes] = field(repr=False)


class Sources(Protocol):
    """Whatever can be imported from: HTTP, FTP, S3."""

    def open(self, url: str, start: int = 0, validator: str | None = None) -> AbstractAsyncContextManager[SourceStream]:
        """From `start` if the source is still what `validator` names, from its beginning otherwise.

        Raises PeerFailed; DestinationRefused for places that may not be called; VideoRejected for what will not change.
        """
        ...
