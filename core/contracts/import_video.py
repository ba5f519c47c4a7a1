"""Messages of an import. The address stays in the database: it can hold credentials."""

from __future__ import annotations

from dataclasses import dataclass

from core.contracts.version_ref import VersionRef


@dataclass(frozen=True)
class ImportVideoInput:
    """`window` is the publication's."""

    target: VersionRef
    window: int = 8


@dataclass(frozen=True)
class FetchedSource:
    """Bytes."""

    size: int
