"""What customers' servers are asked, and what their answers may do."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from Crypto.Hash import HMAC, SHA256
from hypothesis import given
from hypothesis import strategies as st

from core.domain.drm.callback_message import check_callback_url, narrowing, organisation_key, signed
from core.domain.drm.licence_policy import TAKES_NOTHING, LicencePolicy
from core.domain.errors import DomainError, InvalidInput


def test_the_signature_is_what_another_library_computes() -> None:
    key = organisation_key(b"m" * 32, "0" * 32)
    body, headers = signed(key, {"b": 1, "a": "é"}, 1_795_000_000)
    assert json.loads(body) == {"a": "é", "b": 1}
    expected = HMAC.new(key.encode(), b"1795000000." + body, SHA256).hexdigest()
    assert headers["X-Sealcast-Signature"] == f"v1={expected}"
    assert headers["X-Sealcast-Timestamp"] == "1795000000"


def test_every_organisation_has_a_key_of_its_own() -> None:
    keys = {organisation_key(b"m" * 32, f"{number:032x}") for number in range(3)}
    assert {len(key) for key in keys} == {64}
    assert len(keys) == 3
    assert hashlib.sha256(b"m" * 32).hexdigest() not in keys


def test_an_answer_may_refuse_or_narrow() -> None:
    assert narrowing(200, b'{"allow": true}') == TAKES_NOTHING
    assert narrowing(200, b'{"allow": true, "rules": {"licenseDuration": 5}}').licence_seconds == 5
    assert not narrowing(200, b'{"allow": true, "rules": {"canPersist": false}}').persistent


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (403, b"", "CALLBACK_REFUSED"),
        (200, b'{"allow": false}', "CALLBACK_REFUSED"),
        (200, b"", "CALLBACK_FAILED"),
        (200, b"{}", "CALLBACK_FAILED"),
        (200, b'{"allow": "true"}', "CALLBACK_FAILED"),
        (200, b'{"allow": 1}', "CALLBACK_FAILED"),
        (200, b"[true]", "CALLBACK_FAILED"),
        (200, b"[" * 9000, "CALLBACK_FAILED"),
        (200, b"\xff", "CALLBACK_FAILED"),
        (200, b'{"allow": true, "rules": {"licenseDuration": "x"}}', "CALLBACK_FAILED"),
        (200, b'{"allow": true, "rules": [1]}', "CALLBACK_FAILED"),
        (200, b'{"allow": true, "rules": "no"}', "CALLBACK_FAILED"),
        (200, b'{"allow": true, "rules": []}', "CALLBACK_FAILED"),
        (200, b'{"allow": true, "rules": null}', "CALLBACK_FAILED"),
        (204, b'{"allow": true}', "CALLBACK_FAILED"),
        (302, b'{"allow": true}', "CALLBACK_FAILED"),
        (404, b"", "CALLBACK_FAILED"),
    ],
)
def test_what_is_no_permission_is_a_refusal(status: int, body: bytes, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        narrowing(status, body)
    assert refused.value.code == code


@given(st.dictionaries(st.sampled_from(["canPersist", "rentalDuration", "licenseDuration"]), st.integers(0, 10**6)))
def test_no_answer_widens(rules: dict[str, Any]) -> None:
    ours = LicencePolicy.from_rules({"licenseDuration": 600, "rentalDuration": 6000})
    try:
        both = ours.narrowed_by(narrowing(200, json.dumps({"allow": True, "rules": rules}).encode()))
    except DomainError:
        return
    assert both.licence_seconds is not None
    assert both.rental_seconds is not None
    assert both.licence_seconds <= 600
    assert both.rental_seconds <= 6000
    assert not both.persistent


def test_an_answer_does_not_prolong_an_offline_licence() -> None:
    """Found by the property tests: a window must not be added where licences end with the session."""
    ours = LicencePolicy.from_rules({"canPersist": True})
    answer = narrowing(200, b'{"allow": true, "rules": {"canPersist": true, "rentalDuration": 1000000}}')
    assert not ours.narrowed_by(answer).outlives_session
    kept = LicencePolicy.from_rules({"canPersist": True, "rentalDuration": 1000})
    assert kept.narrowed_by(narrowing(200, b'{"allow": true}')) == kept
    assert kept.narrowed_by(TAKES_NOTHING) == kept


@pytest.mark.parametrize(
    "url",
    [
        "",
        "customer.test",
        "ftp://customer.test/",
        "http://customer.test/",
        "https:///path",
        "https://user@customer.test/",
        "https://customer.test/#fragment",
        "https://customer.test/ x",
        "https://customer.test/\n",
        "https://customer.test:99999/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[bad/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
        "https://0.0.0.0/",
        "https://192.168.1.1/",
        "https://224.0.0.1/",
        "https://tést.test/",
        "https://customer.test/" + "x" * 2000,
    ],
)
def test_addresses_that_may_not_be_called_are_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_callback_url(url, development=False)
    assert set(refused.value.fields) == {"url"}


def test_good_addresses_pass_and_development_is_looser() -> None:
    check_callback_url("https://customer.test:8443/licence?a=1", development=False)
    check_callback_url("https://93.184.215.14/", development=False)
    check_callback_url("http://127.0.0.1:9000/", development=True)
