"""The body of a request as named values: JSON, or a form where a client sends one, whatever the content type says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from core.domain.errors import InvalidInput

_MOST_FIELDS = 1000


def fields_of(body: bytes) -> Mapping[str, Any]:
    """Nothing, `null`, `{}` and PHP's empty `[]` are no fields. Raises InvalidInput.

    In a form, `name[]` and a name that comes again give a list.
    """
    text = body.strip()
    if not text:
        return {}
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return _form(text)
    if given is None or given == []:
        return {}
    if not isinstance(given, dict):
        raise _refused("The body is not a JSON object.")
    return given


def _form(text: bytes) -> Mapping[str, Any]:
    if text[:1] in b'{["' or b"=" not in text:
        raise _refused("The body is not JSON.")
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise _refused("The body is neither JSON nor a form.") from None
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name.endswith("[]"):
            fields.setdefault(name[:-2], []).append(value)
        elif name in fields:
            fields[name] = [*_list(fields[name]), value]
        else:
            fields[name] = value
    return fields


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _refused(detail: str) -> InvalidInput:
    return InvalidInput(detail, fields={"body": "must be a JSON object, a form, or empty"})
