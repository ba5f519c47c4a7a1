"""Which videos of an organisation a list shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VideoFilter:
    """All of it has to hold. `text` is part of the title or of the id; `tags` are case-sensitive.

    Without `in_root` and `folder_id`, videos of all folders; a folder's are only those directly in it.
    """

    text: str | None = None
    tags: tuple[str, ...] = ()
    folder_id: str | None = None
    in_root: bool = False
