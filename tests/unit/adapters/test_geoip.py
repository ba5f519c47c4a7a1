"""Countries from a database in MaxMind's format."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.adapters.geoip import MaxMindCountries
from core.ports import CountriesUnavailable
from tests.fixtures.mmdb import write_countries

COUNTRIES = {"192.0.2.0/24": "DE", "198.51.100.7/32": "IN", "203.0.113.0/24": None, "2001:db8::/32": "US"}


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return write_countries(tmp_path / "countries.mmdb", COUNTRIES)


@pytest.mark.parametrize(
    ("address", "country"),
    [
        ("192.0.2.1", "DE"),
        ("192.0.3.1", None),
        ("198.51.100.7", "IN"),
        ("198.51.100.8", None),
        ("203.0.113.9", None),
        ("2001:db8:1::9", "US"),
        ("2001:db9::9", None),
    ],
)
def test_an_address_has_the_country_of_its_network(database: Path, address: str, country: str | None) -> None:
    assert MaxMindCountries.open(database).country(address) == country


@pytest.mark.parametrize("content", [None, b"", b"not a database", b"\xab\xcd\xefMaxMind.com\xff\xff"])
def test_a_file_that_is_no_database_is_refused_when_it_is_opened(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "countries.mmdb"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CountriesUnavailable):
        MaxMindCountries.open(path)


def test_a_damaged_database_is_an_outage_not_an_unknown_country(database: Path) -> None:
    raw = database.read_bytes()
    end = raw.index(b"\xab\xcd\xefMaxMind.com")
    start = raw.index(bytes(16) + b"\xe1") + 16
    database.write_bytes(raw[:start] + b"\xff" * (end - start) + raw[end:])
    with pytest.raises(CountriesUnavailable):
        MaxMindCountries.open(database).country("192.0.2.1")
