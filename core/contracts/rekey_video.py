"""Message of the workflow that publishes a version's tracks once more, under new keys, and of those of its steps that
look at both versions."""

from __future__ import annotations

from dataclasses import dataclass

from core.contracts.version_ref import VersionRef


@dataclass(frozen=True)
class RekeyVideoInput:
    """`target` is the new version; `previous` the published one that it has its tracks from, and takes over from."""

    target: VersionRef
    previous: VersionRef
