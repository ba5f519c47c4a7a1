"""Where an address is."""

from __future__ import annotations

from typing import Protocol


class CountriesUnavailable(Exception):
    """The database of countries cannot be read. Fail closed."""


class CountryLookup(Protocol):
    """A database of countries by address."""

    def country(self, address: str) -> str | None:
        """ISO 3166-1 alpha-2; None for an address that the database does not know. Raises CountriesUnavailable."""
        ...
