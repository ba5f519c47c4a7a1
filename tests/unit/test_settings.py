"""Settings that are more than a word."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from pydantic import ValidationError

from core.adapters.egress.policy import egress_policy, import_policy
from core.domain.egress.destination import EgressPolicy
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


def test_nothing_private_may_be_called_unless_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert egress_policy(Settings()) == EgressPolicy()
    monkeypatch.setenv("SEALCAST_EGRESS_ALLOW_NETWORKS", "10.1.0.0/16, fd00::/8")
    monkeypatch.setenv("SEALCAST_EGRESS_PORTS", "443,8443")
    networks = (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
    assert egress_policy(Settings()) == EgressPolicy(networks, frozenset({443, 8443}))


def test_buckets_to_import_from_are_named_with_their_organisations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEALCAST_IMPORT_S3_BUCKETS", "o1/films, o2/films,*/free,*/sealcast")
    assert import_policy(Settings()).buckets == {}
    monkeypatch.setenv("SEALCAST_IMPORT_S3_ENDPOINT", "https://store.test")
    with pytest.raises(ValidationError):
        Settings()
    monkeypatch.setenv("SEALCAST_IMPORT_S3_ACCESS_KEY", "a")
    monkeypatch.setenv("SEALCAST_IMPORT_S3_SECRET_KEY", "b")
    allowed = import_policy(Settings()).buckets
    assert allowed == {"films": frozenset({"o1", "o2"}), "free": frozenset({"*"})}
    monkeypatch.setenv("SEALCAST_IMPORT_S3_BUCKETS", "films")
    with pytest.raises(ValidationError):
        Settings()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("'none'", "'none'"),
        ("'self'  https://shop.example ", "'self' https://shop.example"),
        ("https://*.shop.example:8443 shop.example http://localhost:* https:", None),
        ("*", None),
    ],
)
def test_pages_that_may_embed_the_player_are_sources(
    monkeypatch: pytest.MonkeyPatch, given: str, kept: str | None
) -> None:
    assert Settings().frame_ancestors == "'self'"
    monkeypatch.setenv("SEALCAST_FRAME_ANCESTORS", given)
    assert Settings().frame_ancestors == (kept or given)


@pytest.mark.parametrize(
    "given",
    [
        "",
        " ",
        "self",
        "none",
        "'none' https://a.example",
        "https://a.example; script-src *",
        "https://a.example, *",
        "a\n\r: c",
    ],
)
def test_what_is_no_source_of_a_policy_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("SEALCAST_FRAME_ANCESTORS", given)
    with pytest.raises(ValidationError):
        Settings()
