"""On whose pages a video may play."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.access.referrers import ReferrerRule, host_of, referrer_rule
from core.domain.errors import InvalidInput


def rule(value: Any) -> ReferrerRule:
    found = referrer_rule(value)
    assert found is not None
    return found


def test_a_string_is_a_pattern_found_anywhere_in_the_host() -> None:
    found = rule("vdocipher.com")
    assert found.permits("www.vdocipher.com")
    assert found.permits("vdocipher.com.elsewhere.test")
    assert not found.permits("example.com")
    strict = rule(r"^(.+\.)?example\.com$")
    assert strict.permits("shop.example.com")
    assert not strict.permits("example.com.elsewhere.test")
    assert rule("EXAMPLE").permits("example.com")


@pytest.mark.parametrize("value", ['"vdocipher.com"', "'vdocipher.com'", "\"'vdocipher.com'\"", " vdocipher.com "])
def test_quotes_around_the_pattern_are_taken_off(value: str) -> None:
    assert rule(value) == ReferrerRule(pattern="vdocipher.com")


def test_a_list_holds_domains_that_cover_their_subdomains() -> None:
    found = rule(["Example.com", "localhost", "192.0.2.1"])
    for host in ("example.com", "shop.example.com", "localhost", "192.0.2.1"):
        assert found.permits(host)
    for host in ("notexample.com", "example.com.elsewhere.test", "a.localhost", "com", None):
        assert not found.permits(host)


@pytest.mark.parametrize("nothing", [None, "", " ", '""', []])
def test_no_rule_is_none(nothing: Any) -> None:
    assert referrer_rule(nothing) is None


@pytest.mark.parametrize(
    "value",
    [
        "(",
        r"(a)\1",
        "(?=a)",
        "a" * 256,
        "((a{100}){100}){100}",
        r"(?:[\pL\pN]{1,30}\.){5}",
        "[a-z]{500}.{500}",
        7.5,
        {"a": 1},
    ],
    ids=lambda value: str(value)[:16],
)
def test_a_pattern_that_is_none_or_too_large_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        referrer_rule(value)
    assert list(refusal.value.fields) == ["whitelisthref"]


@pytest.mark.parametrize(
    "domain", ["*.example.com", "https://example.com", "example.com/", "ex ample", "", 7, "b\u00fccher.de"]
)
def test_a_domain_that_is_none_is_refused(domain: Any) -> None:
    with pytest.raises(InvalidInput) as refusal:
        referrer_rule(["example.com", domain])
    assert list(refusal.value.fields) == ["whitelisthref[1]"]


def test_no_pattern_takes_long() -> None:
    host = "a" * 253
    started = time.process_time()
    for pattern in ("^(a+)+$", "(a|aa)+b", "(.*)*x", "(a?){50}a{50}"):
        rule(pattern).permits(host)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("href", "host"),
    [
        ("https://Shop.Example.com/course?id=1#x", "shop.example.com"),
        ("http://localhost:3000", "localhost"),
        ("https://[2001:db8::1]:8443/", "2001:db8::1"),
    ],
)
def test_the_host_of_a_page(href: str, host: str) -> None:
    assert host_of(href) == host


@pytest.mark.parametrize(
    "href",
    [
        None,
        "",
        "example.com",
        "//example.com/",
        "file:///example.com",
        "javascript://example.com/%0aalert(1)",
        "https://example.com@elsewhere.test/",
        "https://elsewhere.test\\@example.com/",
        "https://example.com /",
        "https://b\u00fccher.de/",
        "https://[example.com/",
        "https://exam%70le.com/",
        "https:///example.com",
        "https://" + "a." * 3000,
    ],
)
def test_what_no_browser_would_call_a_page_has_no_host(href: str | None) -> None:
    assert host_of(href) is None


@given(st.sampled_from(["example.com", ".*", "a", ["example.com"]]))
def test_a_page_that_is_not_known_is_never_allowed(value: Any) -> None:
    assert not rule(value).permits(None)
