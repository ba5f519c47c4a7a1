"""The rungs of a plan by size, whatever order the plan lists them in."""

from __future__ import annotations

from collections.abc import Iterable

from core.domain.media.plan import Rendition


def largest_first(renditions: Iterable[Rendition]) -> list[Rendition]:
    return sorted(renditions, key=lambda rendition: (-rendition.width * rendition.height, rendition.name))
