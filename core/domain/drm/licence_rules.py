"""Reading licence rules as customers write them: VdoCipher's leniency with types, none with nonsense."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

from core.domain.drm.levels import Hdcp, SecurityLevel
from core.domain.errors import InvalidInput
from core.domain.media.plan import KeyLabel

_Level = TypeVar("_Level", SecurityLevel, Hdcp)

#: A century: OTPs that live for decades are a documented use, longer numbers are mistakes.
MOST_SECONDS = 100 * 366 * 86_400
_MOST_COUNT = 1_000_000
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})
_SECURITY = {level.name: level for level in SecurityLevel} | {str(level.value): level for level in SecurityLevel}
_HDCP = {"NONE": Hdcp.NONE, "0": Hdcp.NONE, "1": Hdcp.V1, "1.0": Hdcp.V1, "2.0": Hdcp.V2} | {
    spelling: level
    for level in Hdcp
    if level is not Hdcp.NONE
    for spelling in (level.name, level.name[1:], level.name[1:].replace("_", "."))
}


def refuse(field: str, reason: str) -> NoReturn:
    raise InvalidInput("The licence rules cannot be followed.", code="LICENCE_RULES_INVALID", fields={field: reason})


def seconds(rules: Mapping[str, Any], field: str) -> int | None:
    """A whole number of seconds from 1; None where the rule is absent. Raises InvalidInput."""
    return _whole(rules, field, MOST_SECONDS)


def count(rules: Mapping[str, Any], field: str) -> int | None:
    """A whole number from 1; None where the rule is absent. Raises InvalidInput."""
    return _whole(rules, field, _MOST_COUNT)


def flag(rules: Mapping[str, Any], field: str) -> bool:
    """False where the rule is absent. Raises InvalidInput."""
    value = rules.get(field)
    text = str(value).strip().lower()
    if value is None or text in _FALSE:
        return False
    return True if text in _TRUE else refuse(field, "must be true or false")


def labels(rules: Mapping[str, Any], field: str) -> frozenset[KeyLabel]:
    """A list of labels, or one text with commas. All of them where the rule is absent. Raises InvalidInput."""
    value = rules.get(field)
    if value is None:
        return frozenset(KeyLabel)
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not names:
        refuse(field, "must list labels of tracks")
    return frozenset(label(name, field) for name in names)


def label(name: object, field: str) -> KeyLabel:
    try:
        return KeyLabel(str(name).strip().upper())
    except ValueError:
        refuse(field, f"labels are {', '.join(KeyLabel)}")


def security_level(rules: Mapping[str, Any], field: str) -> SecurityLevel:
    return _level(rules, field, _SECURITY, SecurityLevel.SW_CRYPTO)


def hdcp(rules: Mapping[str, Any], field: str) -> Hdcp:
    return _level(rules, field, _HDCP, Hdcp.NONE)


def mapping(rules: Mapping[str, Any], field: str) -> Mapping[str, Any]:
    value = rules.get(field)
    if value is None:
        return {}
    return value if isinstance(value, Mapping) else refuse(field, "must be an object")


def _whole(rules: Mapping[str, Any], field: str, most: int) -> int | None:
    value = rules.get(field)
    if value is None:
        return None
    try:
        number = float(value.strip() if isinstance(value, str) else value)
    except (TypeError, ValueError, OverflowError):
        refuse(field, f"must be a whole number from 1 to {most}")
    if isinstance(value, bool) or not 1 <= number <= most or number != int(number):
        refuse(field, f"must be a whole number from 1 to {most}")
    return int(number)


def _level(rules: Mapping[str, Any], field: str, known: Mapping[str, _Level], default: _Level) -> _Level:
    value = rules.get(field)
    if value is None:
        return default
    found = known.get(str(value).strip().upper().removeprefix("HDCP_"))
    return refuse(field, f"must be one of {', '.join(known)}") if found is None else found
