"""Reading crypto periods."""

from __future__ import annotations

from datetime import datetime

from core.adapters.cpix.document import Element, attribute
from core.adapters.cpix.lists import MOST_KEYS, Lists, children
from core.domain.drm.speke import SpekeRefused, SpekeVersion


def read_periods(lists: Lists, version: SpekeVersion) -> dict[str, int]:
    """Index by id. Raises SpekeRefused."""
    if "ContentKeyPeriodList" not in lists:
        return {}
    periods: dict[str, int] = {}
    for element in children(lists, "ContentKeyPeriodList", "ContentKeyPeriod", MOST_KEYS):
        name, index = attribute(element, "id"), attribute(element, "index")
        if not (index.isascii() and index.isdigit() and len(index) <= 10 and int(index) < 2**32) or name in periods:
            raise SpekeRefused("Malformed ContentKeyPeriod")
        if version is SpekeVersion.V2_1:
            _check_interval(element)
        periods[name] = int(index)
    return periods


def _check_interval(element: Element) -> None:
    """`start` and `end` come together, and the one before the other; SPEKE v2.0 has neither, and ignores them."""
    start, end = element.get("start"), element.get("end")
    if start is None and end is None:
        return
    try:
        begins, ends = (datetime.fromisoformat((each or "").strip()) for each in (start, end))
        ordered = begins < ends
    except (ValueError, TypeError):
        ordered = False
    if not ordered:
        raise SpekeRefused("Malformed ContentKeyPeriod")
