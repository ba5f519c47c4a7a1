"""Countries from the operator's database in MaxMind's format (MaxMind DB File Format Specification 2.0)."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import maxminddb

from core.ports import CountriesUnavailable


class MaxMindCountries:
    """A CountryLookup over any database with `country.iso_code`, as GeoLite2-Country, GeoIP2-City or DB-IP's have.

    The file is mapped into memory when it is opened: to follow an update, put a new file in its place and restart.
    """

    def __init__(self, reader: maxminddb.Reader) -> None:
        self._reader = reader

    @classmethod
    def open(cls, path: Path) -> Self:
        """Raises CountriesUnavailable: who names a database wants its rules obeyed."""
        try:
            return cls(maxminddb.open_database(path))
        except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
            raise CountriesUnavailable(f"no database of countries in {path}: {type(error).__name__}") from error

    def country(self, address: str) -> str | None:
        try:
            record = self._reader.get(address)
        except maxminddb.InvalidDatabaseError as error:
            raise CountriesUnavailable("the database of countries is damaged") from error
        except ValueError:
            # An IPv6 address in a database that has none.
            return None
        found = record.get("country") if isinstance(record, dict) else None
        code = found.get("iso_code") if isinstance(found, dict) else None
        return code if isinstance(code, str) else None
