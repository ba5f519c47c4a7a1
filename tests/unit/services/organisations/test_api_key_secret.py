"""Secrets of API keys: their shape, and what tells a typing error."""

from __future__ import annotations

import secrets
import zlib

import pytest

from core.services.organisations.api_key_secret import PREFIX, checksum, has_shape, new_secret


def test_the_checksum_is_the_one_of_githubs_tokens() -> None:
    assert checksum("zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ") == "0mLq17"


def test_a_secret_has_the_length_that_clients_insist_on_and_a_name_that_scanners_find() -> None:
    secret = new_secret()
    assert len(secret) == 64
    assert secret.isalnum()
    assert secret.startswith("sealcast")
    assert has_shape(secret)
    assert new_secret() != secret
    assert len(secret[:PREFIX]) <= 16


def test_a_secret_of_before_is_still_one() -> None:
    assert has_shape(secrets.token_hex(32))


@pytest.mark.parametrize("at", [8, 20, 57, 58, 63])
def test_one_wrong_character_is_told_without_the_database(at: int) -> None:
    secret = new_secret()
    wrong = secret[:at] + ("a" if secret[at] != "a" else "b") + secret[at + 1 :]
    assert zlib.crc32(wrong.encode()) != zlib.crc32(secret.encode())
    assert not has_shape(wrong)


@pytest.mark.parametrize(
    "secret", ["", "f" * 63, "F" * 64, "sealcast" + "0" * 55, "sealcast" + "0" * 57, "\u0660" * 64]
)
def test_what_never_was_a_secret_is_told(secret: str) -> None:
    assert not has_shape(secret)
