"""Which addresses are somebody's public server."""

from __future__ import annotations

import ipaddress

import pytest

from core.domain.egress.addresses import callable_address

PRIVATE = [
    "0.0.0.0",  # noqa: S104 - nothing listens there
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.0.255",
    "192.0.2.1",
    "192.88.99.3",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.9",
    "224.1.2.3",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:a9fe:a9fe",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:10::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "fe80::1%lo",
    "2606:4700::1111%lo",
]


@pytest.mark.parametrize("literal", PRIVATE)
def test_what_is_not_public_is_refused(literal: str) -> None:
    assert callable_address(literal) is None


@pytest.mark.parametrize("literal", ["1.1.1.1", "8.8.8.8", "93.184.215.14", "172.32.0.1", "2001:4860:4860::8888"])
def test_what_is_public_may_be_called(literal: str) -> None:
    assert callable_address(literal) == ipaddress.ip_address(literal)


def test_a_mapped_address_is_the_address_that_it_maps() -> None:
    assert callable_address("::ffff:8.8.8.8") == ipaddress.IPv4Address("8.8.8.8")


@pytest.mark.parametrize("literal", ["", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "1.1.1.1 "])
def test_other_spellings_are_no_addresses(literal: str) -> None:
    assert callable_address(literal) is None


def test_only_the_networks_that_were_named_are_allowed() -> None:
    allowed = [ipaddress.IPv4Network("10.1.0.0/16"), ipaddress.IPv6Network("fd00::/8")]
    assert callable_address("10.1.2.3", allowed)
    assert callable_address("::ffff:10.1.2.3", allowed)
    assert callable_address("fd12::1", allowed)
    assert callable_address("10.2.0.1", allowed) is None
    assert callable_address("127.0.0.1", allowed) is None
