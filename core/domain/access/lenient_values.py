"""Values of an OTP request, read as leniently as VdoCipher's clients need: `"300"`, `0x1F`, `"true"`, JSON in a string.

None and an empty string mean that a field was not given. What is really wrong raises InvalidInput with its field.
"""

from __future__ import annotations

import math
import re
from typing import Any

from core.domain.access.lenient_json import MOST_DEPTH, NotJson, parse
from core.domain.errors import InvalidInput

_NUMBER = re.compile(r"[+-]?(?:\d{1,18}(?:\.0{1,6})?|0[xX][0-9a-fA-F]{1,15})", re.ASCII)
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_MOST_NUMBER = 2**53


def refused(field: str, reason: str) -> InvalidInput:
    return InvalidInput(f"{field}: {reason}", fields={field: reason})


def whole_number(value: Any, field: str, low: int, high: int) -> int | None:
    """Also as a decimal or hexadecimal string, or as a float without a fraction."""
    if value is None or value == "":
        return None
    number = _number(value)
    if number is None or not low <= number <= high:
        raise refused(field, f"must be a whole number from {low} to {high}")
    return number


def _number(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    text = str(value).strip() if isinstance(value, int | str) else ""
    if _NUMBER.fullmatch(text) is None:
        return None
    return int(text, 16) if "x" in text.lower() else int(text.partition(".")[0])


def flag(value: Any, field: str) -> bool:
    """A boolean, or its name or number as a string."""
    text = str(value).strip().lower() if isinstance(value, bool | int | str) else ""
    if text not in _FLAGS:
        raise refused(field, 'must be true or false (or "true" or "false")')
    return _FLAGS[text]


def text(value: Any, field: str, most: int) -> str | None:
    """Trimmed; a whole number is taken as its digits."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise refused(field, "must be a string")
    trimmed = (value if isinstance(value, str) else _digits(value, field)).strip()
    if len(trimmed) > most:
        raise refused(field, f"must not be longer than {most} characters")
    _check_text(trimmed, field)
    return trimmed or None


def structure(value: Any, field: str) -> Any:
    """An array or object, or the string that holds it as JSON. None when the field was not given."""
    if isinstance(value, str):
        value = _parsed(value, field) if value.strip() else None
    if value is not None and not isinstance(value, list | dict):
        raise refused(field, "must be a JSON array or object, or a string that holds one")
    _check(value, field, 0)
    return value


def _parsed(value: str, field: str) -> Any:
    try:
        return parse(value)
    except NotJson as error:
        raise refused(field, f"is not JSON: {error}") from None


def _check(value: Any, field: str, depth: int) -> None:
    """What a JSONB column can keep, to a depth at which everybody can walk it."""
    if depth > MOST_DEPTH:
        raise refused(field, f"is nested deeper than {MOST_DEPTH}")
    if isinstance(value, str):
        _check_text(value, field)
    elif isinstance(value, float) and not math.isfinite(value):
        raise refused(field, "must not hold NaN or infinity")
    elif isinstance(value, int) and abs(value) > _MOST_NUMBER:
        raise refused(field, "holds a number that is too large")
    elif isinstance(value, list):
        for item in value:
            _check(item, field, depth + 1)
    elif isinstance(value, dict):
        for name, item in value.items():
            _check_text(name, field)
            _check(item, field, depth + 1)


def _check_text(value: str, field: str) -> None:
    if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
        raise refused(field, "must not contain NUL or lone surrogates")


def _digits(value: int, field: str) -> str:
    if abs(value) > _MOST_NUMBER:
        raise refused(field, "is a number that is too large")
    return str(value)
