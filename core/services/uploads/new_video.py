"""What is said of a video that is not there yet."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class NewVideo:
    """`folder_id` None is the root; without a title an import takes its file's name."""

    title: str = ""
    description: str = ""
    folder_id: str | None = None
