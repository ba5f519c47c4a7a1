"""The tree of folders: how far it may grow, and what folders are known by."""

from __future__ import annotations

from dataclasses import dataclass

ROOT = "root"
"""Id and name of what everything is in that is in no folder."""

MOST_DEPTH = 20
MOST_FOLDERS = 10_000
"""Per organisation."""
LONGEST_NAME = 255


@dataclass(frozen=True)
class FolderName:
    id: str
    name: str


@dataclass(frozen=True)
class FolderCounts:
    """What is directly in a folder."""

    videos: int = 0
    folders: int = 0
