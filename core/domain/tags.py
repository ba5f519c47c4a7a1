"""Tags of videos: case-sensitive, in the order in which they were given, each once."""

from __future__ import annotations

from typing import Any

from core.domain.access.lenient_values import refused, text
from core.domain.errors import InvalidInput

LONGEST_TAG = 100
MOST_TAGS = 100
"""Of one video."""


def tags_of(value: Any, field: str = "tags") -> tuple[str, ...]:
    """A list, or text with commas, which no tag can hold: lists of videos are filtered by such text.

    Raises InvalidInput.
    """
    if value is None or value == "":
        return ()
    items = value if isinstance(value, list) else [value]
    if len(items) > MOST_TAGS:
        raise too_many(field)
    # One more than a tag may have, so that many in one text are still told from one that is too long.
    given = [text(item, field, (LONGEST_TAG + 1) * MOST_TAGS) or "" for item in items]
    tags = tuple(dict.fromkeys(tag for item in given for part in item.split(",") if (tag := part.strip())))
    if any(len(tag) > LONGEST_TAG for tag in tags):
        raise refused(field, f"a tag must not be longer than {LONGEST_TAG} characters")
    if len(tags) > MOST_TAGS:
        raise too_many(field)
    return tags


def too_many(field: str) -> InvalidInput:
    return refused(field, f"a video has at most {MOST_TAGS}")
