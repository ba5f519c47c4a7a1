"""ClearKey messages."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidInput
from core.services.licences.clearkey_request import ClearKey, key_set, requested_kids


def test_the_example_of_the_specification_is_understood() -> None:
    body = b'{"kids":["LwVHf8JLtPrv2GUXFW2v_A"],"type":"temporary"}'
    assert requested_kids(body) == ("2f05477fc24bb4faefd86517156daffc",)


def test_a_key_id_asked_for_twice_is_one() -> None:
    kid = "AAAAAAAAAAAAAAAAAAAAAA"
    assert requested_kids(json.dumps({"kids": [kid, kid, kid + "=="]}).encode()) == ("0" * 32,)


@given(st.binary(max_size=200) | st.text(max_size=80).map(lambda text: json.dumps({"kids": [text]}).encode()))
def test_anything_else_is_refused_and_nothing_worse(body: bytes) -> None:
    try:
        kids = requested_kids(body)
    except InvalidInput:
        return
    assert all(len(kid) == 32 for kid in kids)


def test_a_key_set_is_written_without_padding_and_keys_do_not_show_themselves() -> None:
    key = ClearKey("2f05477fc24bb4faefd86517156daffc", b"\xff" * 16)
    assert key_set([key]) == {
        "keys": [{"kty": "oct", "kid": "LwVHf8JLtPrv2GUXFW2v_A", "k": "_____________________w"}],
        "type": "temporary",
    }
    assert "ff" not in repr(key).replace("daffc", "")


@pytest.mark.parametrize("body", [b'{"kids": ["' + b"A" * 100_000 + b'"]}', b"{" * 100_000, b'{"kids": [null]}'])
def test_hostile_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        requested_kids(body)
