"""`ipGeo` and `ipGeoRules` as VdoCipher's clients send them (docs playbackauth/ipgeo; blog 2017/01)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from core.domain.access.addresses import network
from core.domain.access.countries import COUNTRIES
from core.domain.access.lenient_values import flag, refused, structure
from core.domain.access.locations import AllOf, Entry, GeoRule, InCountry, InNetwork, OrderedRule, OrderedRules

_MOST_ENTRIES = 1000
_MOST_RULES = 100
_COUNTRY = "a country by its ISO 3166-1 alpha-2 code"

Kind = TypeVar("Kind", InNetwork, InCountry)


def geo_rule(value: Any) -> GeoRule | None:
    """`{"allow": [...], "except": [...]}` or `{"block": [...], "except": [...]}`. Raises InvalidInput."""
    given = structure(value, "ipGeo")
    if not given:
        return None
    if not isinstance(given, dict):
        raise refused("ipGeo", "must be an object")
    allow, block, exceptions = (_entries(given.get(name), f"ipGeo.{name}") for name in ("allow", "block", "except"))
    if allow and block:
        raise refused("ipGeo", "give either allow or block, not both")
    if not allow and not block:
        # An empty list could mean nobody or anybody: the one who wrote it has to say.
        if exceptions or given.get("allow") is not None:
            raise refused("ipGeo", "allow or block must name a country or an address")
        return None
    return GeoRule(allow, block, exceptions)


def ordered_rules(value: Any) -> OrderedRules | None:
    """`[{"action": "true", "ipSet": [...], "countrySet": [...]}]`; `actions` is the same. Raises InvalidInput."""
    given = structure(value, "ipGeoRules")
    if not given:
        return None
    if not isinstance(given, list) or len(given) > _MOST_RULES:
        raise refused("ipGeoRules", f"must be an array of at most {_MOST_RULES} rules")
    return OrderedRules(tuple(_rule(rule, f"ipGeoRules[{number}]") for number, rule in enumerate(given)))


def geo_json(rule: GeoRule) -> dict[str, Any]:
    """The form `geo_rule` reads."""
    lists = {"allow": rule.allow, "block": rule.block, "except": rule.exceptions}
    return {name: [_spelled(entry) for entry in entries] for name, entries in lists.items() if entries}


def ordered_json(rules: OrderedRules) -> list[dict[str, Any]]:
    """The form `ordered_rules` reads."""
    return [
        {
            "action": rule.permit,
            "ipSet": [_spelled(entry) for entry in rule.networks],
            "countrySet": [_spelled(entry) for entry in rule.countries],
        }
        for rule in rules.rules
    ]


def _rule(rule: Any, field: str) -> OrderedRule:
    if not isinstance(rule, dict):
        raise refused(field, "must be an object")
    networks = _set(rule.get("ipSet"), f"{field}.ipSet", InNetwork, "must be an address or a CIDR block")
    countries = _set(rule.get("countrySet"), f"{field}.countrySet", InCountry, f"must be {_COUNTRY}")
    return OrderedRule(_action(rule, field), networks, countries)


def _action(rule: Mapping[str, Any], field: str) -> bool:
    actions = {flag(rule[name], f"{field}.{name}") for name in ("action", "actions") if name in rule}
    if len(actions) != 1:
        raise refused(f"{field}.action", "must say true (allow) or false (block)")
    return actions.pop()


def _set(value: Any, field: str, kind: type[Kind], reason: str) -> tuple[Kind, ...]:
    found = []
    for number, item in enumerate(_listed(value, field)):
        entry = _entry(item, f"{field}[{number}]")
        if not isinstance(entry, kind):
            raise refused(f"{field}[{number}]", reason)
        found.append(entry)
    return tuple(found)


def _entries(value: Any, field: str) -> tuple[Entry, ...]:
    return tuple(
        _together(item, f"{field}[{number}]") if isinstance(item, list) else _entry(item, f"{field}[{number}]")
        for number, item in enumerate(_listed(value, field))
    )


def _together(items: Sequence[Any], field: str) -> AllOf:
    if not items:
        raise refused(field, "must not be empty")
    return AllOf(tuple(_entry(item, f"{field}[{number}]") for number, item in enumerate(items)))


def _listed(value: Any, field: str) -> list[Any]:
    """A single entry and a comma-separated string are lists, too."""
    if value is None or value == "":
        return []
    listed = [part.strip() for part in value.split(",")] if isinstance(value, str) else value
    if not isinstance(listed, list) or len(listed) > _MOST_ENTRIES:
        raise refused(field, f"must be an array of at most {_MOST_ENTRIES} entries")
    return listed


def _entry(item: Any, field: str) -> InNetwork | InCountry:
    text = item.strip() if isinstance(item, str) else ""
    if text.upper() in COUNTRIES:
        return InCountry(text.upper())
    block = network(text)
    if block is None:
        raise refused(field, f"must be an address, a CIDR block or {_COUNTRY}")
    return InNetwork(block)


def _spelled(entry: Entry) -> Any:
    if isinstance(entry, AllOf):
        return [_spelled(inner) for inner in entry.entries]
    return entry.code if isinstance(entry, InCountry) else str(entry.network)
