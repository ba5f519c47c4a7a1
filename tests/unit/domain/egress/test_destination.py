"""Addresses as customers write them."""

from __future__ import annotations

import pytest

from core.domain.egress.addresses import EVERYWHERE
from core.domain.egress.destination import (
    Destination,
    DestinationRefused,
    EgressPolicy,
    checked_addresses,
    parse_destination,
)

POLICY = EgressPolicy()


@pytest.mark.parametrize(
    ("url", "expected", "authority"),
    [
        ("https://a.test", Destination("https", "a.test", 443, "/"), "a.test"),
        ("HTTP://A.Test:8080/x%2Fy?z=%20#f", Destination("http", "a.test", 8080, "/x%2Fy?z=%20"), "a.test:8080"),
        ("https://bücher.test./é?ü", Destination("https", "xn--bcher-kva.test", 443, "/%C3%A9?%C3%BC"), None),
        (
            "https://[2606:4700::1111]:8443/",
            Destination("https", "2606:4700::1111", 8443, "/"),
            "[2606:4700::1111]:8443",
        ),
        ("https://[::ffff:8.8.8.8]/", Destination("https", "8.8.8.8", 443, "/"), "8.8.8.8"),
        ("http://good.test#@127.0.0.1/", Destination("http", "good.test", 80, "/"), "good.test"),
        ("https://a_b.cdn.test/../x", Destination("https", "a_b.cdn.test", 443, "/../x"), None),
    ],
)
def test_an_address_is_taken_apart_once(url: str, expected: Destination, authority: str | None) -> None:
    found = parse_destination(url, POLICY)
    assert found == expected
    assert authority is None or found.authority == authority


@pytest.mark.parametrize(
    "url",
    [
        "",
        "video.mp4",
        "//a.test/",
        "file:///etc/passwd",
        "gopher://a.test/",
        "ftp://a.test/",
        "https://",
        "https:///x",
        "https://user@a.test/",
        "http://user:pass@a.test/",
        "http://good.test@127.0.0.1/",
        "http://127.0.0.1\\@good.test/",
        "http://localhost:80@attacker.test/cb",
        "http://a.test:99999/",
        "http://a.test:0/",
        "http://a.test:x/",
        "http://a.test:5432/",
        "http://a.test:6379/",
        "http://a.test:2375/",
        "http://a.test/\r\nX: y",
        "http://a.t\test/",
        "http://a.test/ b",
        "http://a.test/\x00",
        "http://a.test/\u202e",
        "http://[bad/",
        "http://[fe80::1%25lo]/",
        "http://127.1/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://0/",
        "http://1.1.1.1.1/",
        "http://①②⑦.0.0.1/",
        "http://a..test/",
        "http://-a.test/",
        "http://a%00.test/",
        "http://a,b.test/",
        "http://\ud800.test/",
        "http://" + "a." * 200 + "test/",
        "http://a.test/" + "x" * 4000,
    ],
)
def test_what_readers_could_differ_about_is_refused(url: str) -> None:
    with pytest.raises(DestinationRefused) as refused:
        parse_destination(url, POLICY)
    assert set(refused.value.fields) == {"url"}
    assert "pass" not in str(refused.value)


def test_odd_spellings_of_addresses_are_refused_even_where_private_networks_are_allowed() -> None:
    policy = EgressPolicy(allowed=EVERYWHERE, ports=None)
    assert parse_destination("http://127.0.0.1:9/", policy).host == "127.0.0.1"
    for host in ("127.1", "0x7f000001", "0177.0.0.1", "2130706433"):
        with pytest.raises(DestinationRefused):
            parse_destination(f"http://{host}/", policy)


def test_one_private_answer_spoils_all() -> None:
    assert checked_addresses(["1.1.1.1", "::ffff:1.1.1.1", "2606:4700::1111"], POLICY) == ["1.1.1.1", "2606:4700::1111"]
    with pytest.raises(DestinationRefused):
        checked_addresses(["1.1.1.1", "10.0.0.1"], POLICY)
    with pytest.raises(DestinationRefused):
        checked_addresses(["fe80::1%eth0"], POLICY)


def test_what_is_asked_for_is_in_no_repr() -> None:
    assert "secret" not in repr(parse_destination("https://a.test/?token=secret", POLICY))
