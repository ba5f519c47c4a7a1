"""Addresses in one form, and whose address a request has."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from core.domain.access.addresses import address, client_address, network

PROXIES = [block for block in (network("10.0.0.0/8"), network("fd00::/8")) if block]


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::FFFF:c000:201", "192.0.2.1"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        (" 192.0.2.1 ", "192.0.2.1"),
    ],
)
def test_an_address_has_one_form(text: str, form: str) -> None:
    assert address(text) == ip_address(form)


@pytest.mark.parametrize("text", ["", "192.0.2.256", "192.0.2.01", "0xC0000201", "3221225985x", "a.b", "1" * 100, "\0"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert address(text) is None
    assert network(text) is None


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("192.0.2.9/24", "192.0.2.0/24"),
        ("192.0.2.9", "192.0.2.9/32"),
        ("2001:db8::1/32", "2001:db8::/32"),
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::/0", "::/0"),
    ],
)
def test_a_block_has_one_form(text: str, form: str) -> None:
    assert str(network(text)) == form


@pytest.mark.parametrize("text", ["192.0.2.0/33", "192.0.2.0/-1", "fe80::1%eth0/64", "192.0.2.0/24/24"])
def test_what_is_no_block_is_none(text: str) -> None:
    assert network(text) is None


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        # A stranger may write what he likes.
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        # What the client wrote stands to the left of what our proxies saw.
        ("10.0.0.1", "203.0.113.9, 198.51.100.7, 10.2.2.2", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7:443", "198.51.100.7"),
        ("fd00::1", "[2001:db8::5]:443", "2001:db8::5"),
        ("10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
    ],
)
def test_the_client_is_the_first_address_that_is_no_proxy_of_ours(peer: str, forwarded: str, client: str) -> None:
    assert client_address(peer, forwarded, PROXIES) == ip_address(client)


@pytest.mark.parametrize(
    ("peer", "forwarded"), [(None, ""), ("testclient", ""), ("10.0.0.1", "unknown"), ("10.0.0.1", "1.2.3.4, _hidden")]
)
def test_a_client_that_cannot_be_known_is_none(peer: str | None, forwarded: str) -> None:
    assert client_address(peer, forwarded, PROXIES) is None


def test_without_trusted_proxies_the_header_is_not_read() -> None:
    assert client_address("10.0.0.1", "198.51.100.7", []) == ip_address("10.0.0.1")
