"""The viewer's watermark (VdoCipher's `annotate`, docs playbackauth/anno): soft checks, and its variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.domain.access.lenient_values import refused, structure, text

FIELD = "annotate"
_MOST_ITEMS = 20
_MOST_TEXT = 500
_MOST_FILLED = 1000
_MOST_VARIABLES = 20
_VARIABLE = re.compile(r"\{([a-z][a-z0-9_]{0,31})\}", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}", re.ASCII)

_SHOWN = {"rtext": "text", "text": "text", "image": "url"}

OF_THE_REQUEST = frozenset({"id", "ip", "date", "time"})

Item = Mapping[str, Any]


def watermark_items(value: Any) -> tuple[Item, ...]:
    """Items with a `type`; every other key is kept as it came. Raises InvalidInput."""
    given = structure(value, FIELD)
    listed = [given] if isinstance(given, dict) and given else given or []
    if len(listed) > _MOST_ITEMS:
        raise refused(FIELD, f"must not hold more than {_MOST_ITEMS} items")
    return tuple(_item(item, f"{FIELD}[{number}]") for number, item in enumerate(listed))


def drawn(items: tuple[Item, ...]) -> bool:
    """Whether a player has anything to show. Of what it does not know how to draw, it draws nothing."""
    shown = (item.get(_SHOWN.get(item["type"], "")) for item in items)
    return any(isinstance(value, str) and value.strip() for value in shown)


def variables(value: Any) -> dict[str, str]:
    """What the customer fills in, by name. Raises InvalidInput."""
    given = structure(value, "variables")
    if not isinstance(given or {}, dict) or len(given or {}) > _MOST_VARIABLES:
        raise refused("variables", f"must be an object of at most {_MOST_VARIABLES} strings")
    for name in given or {}:
        if name in OF_THE_REQUEST:
            raise refused(f"variables.{name}", "is filled in by this server")
        if _NAME.fullmatch(name) is None:
            raise refused("variables", "names are lower-case letters, digits and _, at most 32")
    return {name: text(item, f"variables.{name}", 200) or "" for name, item in (given or {}).items()}


def filled(items: tuple[Item, ...], values: Mapping[str, str]) -> tuple[Item, ...]:
    """The items with `{name}` replaced in their texts, once: a value is never read as a template.

    Braces that name nothing known stay as they are, as with VdoCipher.
    """
    return tuple(
        {**item, "text": _filled(item["text"], values)} if isinstance(item.get("text"), str) else item for item in items
    )


def request_values(viewer_id: str | None, address: str | None, now: datetime) -> dict[str, str]:
    """The variables OF_THE_REQUEST, as far as they are known. `now` is in UTC."""
    known = {"id": viewer_id, "ip": address, "date": f"{now:%Y-%m-%d}", "time": f"{now:%H:%M}"}
    return {name: value for name, value in known.items() if value is not None}


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), template)[:_MOST_FILLED]


def _item(item: Any, field: str) -> Item:
    if not isinstance(item, dict):
        raise refused(field, "must be an object")
    if not isinstance(item.get("type"), str) or not item["type"]:
        raise refused(f"{field}.type", "must be a string such as rtext, text or image")
    if isinstance(item.get("text"), str) and len(item["text"]) > _MOST_TEXT:
        raise refused(f"{field}.text", f"must not be longer than {_MOST_TEXT} characters")
    return item
