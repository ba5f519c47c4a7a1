"""Settings that are more than a word."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from pydantic import ValidationError

from core.settings import Settings


@pytest.mark.parametrize(
    ("given", "networks"),
    [
        ("", []),
        ("10.0.0.0/8", ["10.0.0.0/8"]),
        (" 10.0.0.0/8, 192.0.2.1 ,fd00::/8,", ["10.0.0.0/8", "192.0.2.1/32", "fd00::/8"]),
    ],
)
def test_trusted_proxies_are_networks_with_commas(
    monkeypatch: pytest.MonkeyPatch, given: str, networks: list[str]
) -> None:
    monkeypatch.setenv("SEALCAST_TRUSTED_PROXIES", given)
    assert list(Settings().trusted_proxies) == [ip_network(network) for network in networks]


@pytest.mark.parametrize("given", ["proxy.internal", "10.0.0.1/8", "10.0.0.0/99", "*"])
def test_a_proxy_that_is_no_network_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("SEALCAST_TRUSTED_PROXIES", given)
    with pytest.raises(ValidationError):
        Settings()
