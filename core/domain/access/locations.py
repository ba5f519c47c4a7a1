"""Where a viewer may be: rules on addresses and countries.

Answers are True, False or None for "cannot be known" (no address, no country), combined by Kleene's logic: None wins
over an answer only where that answer could still change. Whoever decides lets nobody in on None.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class Place:
    """Where a request comes from; `address` is normalised, so that no IPv6 address stands for an IPv4 one."""

    address: Address | None = None
    country: str | None = None


@dataclass(frozen=True)
class InNetwork:
    network: Network

    def matches(self, place: Place) -> bool | None:
        return None if place.address is None else place.address in self.network


@dataclass(frozen=True)
class InCountry:
    code: str

    def matches(self, place: Place) -> bool | None:
        return None if place.country is None else place.country == self.code


@dataclass(frozen=True)
class AllOf:
    """Entries that must all match: this address within these countries."""

    entries: tuple[InNetwork | InCountry, ...]

    def matches(self, place: Place) -> bool | None:
        return every(entry.matches(place) for entry in self.entries)


Entry = InNetwork | InCountry | AllOf


@dataclass(frozen=True)
class GeoRule:
    """VdoCipher's `ipGeo`: either `allow` or `block`, and exceptions from it."""

    allow: tuple[Entry, ...] = ()
    block: tuple[Entry, ...] = ()
    exceptions: tuple[Entry, ...] = ()

    def permits(self, place: Place) -> bool | None:
        excepted = some(entry.matches(place) for entry in self.exceptions)
        if self.allow:
            return every([some(entry.matches(place) for entry in self.allow), _not(excepted)])
        return some([_not(some(entry.matches(place) for entry in self.block)), excepted])


@dataclass(frozen=True)
class OrderedRule:
    """Matches when both sets do; an empty set matches everybody."""

    permit: bool
    networks: tuple[InNetwork, ...] = ()
    countries: tuple[InCountry, ...] = ()

    def matches(self, place: Place) -> bool | None:
        sets = [chosen for chosen in (self.networks, self.countries) if chosen]
        return every(some(entry.matches(place) for entry in chosen) for chosen in sets)


@dataclass(frozen=True)
class OrderedRules:
    """VdoCipher's older `ipGeoRules`: each rule that matches overrides those before it.

    Whom no rule matches gets the opposite of the first rule: a list that begins by allowing some allows nobody else.
    """

    rules: tuple[OrderedRule, ...]

    def permits(self, place: Place) -> bool | None:
        possible = {not self.rules[0].permit}
        for rule in self.rules:
            matched = rule.matches(place)
            if matched is None:
                possible.add(rule.permit)
            elif matched:
                possible = {rule.permit}
        return possible.pop() if len(possible) == 1 else None


def every(answers: Iterable[bool | None]) -> bool | None:
    given = list(answers)
    if False in given:
        return False
    return None if None in given else True


def some(answers: Iterable[bool | None]) -> bool | None:
    return _not(every(_not(answer) for answer in answers))


def _not(answer: bool | None) -> bool | None:
    return None if answer is None else not answer
