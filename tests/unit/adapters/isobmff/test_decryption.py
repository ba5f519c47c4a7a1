"""Our decryption against encryption written here from the standard's text, the other way round."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB
from hypothesis import given
from hypothesis import strategies as st

from core.adapters.isobmff.boxes import MalformedMedia
from core.adapters.isobmff.decryption import decrypt_sample, protected_ranges
from core.adapters.isobmff.protection import Auxiliary, TrackEncryption

KEY, IV = bytes(range(16)), bytes(range(100, 116))
PAIRS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 700)), min_size=1, max_size=4)


def block(data: bytes) -> bytes:
    return Cipher(AES128(KEY), ECB()).encryptor().update(data)  # noqa: S305 - one block: CBC and CTR are built on it


def xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))


def track(scheme: str, crypt: int = 0, skip: int = 0) -> TrackEncryption:
    return TrackEncryption(scheme, True, "00" * 16, crypt, skip, 0, IV if scheme == "cbcs" else None)


def encrypt_cbcs(clear: bytes, pairs: list[tuple[int, int]], crypt: int, skip: int) -> bytes:
    out, position = bytearray(clear), 0
    for plain, protected in pairs:
        position += plain
        chain = IV
        for number in range(protected // 16):
            if not skip or number % (crypt + skip) < crypt:
                at = position + 16 * number
                chain = block(xor(clear[at : at + 16], chain))
                out[at : at + 16] = chain
        position += protected
    return bytes(out)


def encrypt_cenc(clear: bytes, pairs: list[tuple[int, int]], iv: bytes) -> bytes:
    first = int.from_bytes(iv.ljust(16, b"\0"), "big")
    total = sum(protected for _, protected in pairs)
    stream = b"".join(block((first + n).to_bytes(16, "big")) for n in range(total // 16 + 1))
    out, position, used = bytearray(clear), 0, 0
    for plain, protected in pairs:
        position += plain
        out[position : position + protected] = xor(clear[position : position + protected], stream[used:])
        position, used = position + protected, used + protected
    return bytes(out)


def sample_for(pairs: list[tuple[int, int]]) -> bytes:
    size = sum(plain + protected for plain, protected in pairs)
    return bytes((7 * n + n // 256) % 256 for n in range(size))


@given(PAIRS, st.sampled_from([(1, 9), (0, 0), (5, 5), (10, 0)]))
def test_cbcs_undoes_every_pattern_in_every_subsample(pairs, pattern):
    clear = sample_for(pairs)
    stored = encrypt_cbcs(clear, pairs, *pattern)
    assert decrypt_sample(stored, Auxiliary(b"", tuple(pairs), 0), track("cbcs", *pattern), KEY) == clear


@given(PAIRS, st.sampled_from([IV, IV[:8], b"\xff" * 8]))
def test_cenc_runs_one_key_stream_over_all_subsamples(pairs, iv):
    clear = sample_for(pairs)
    stored = encrypt_cenc(clear, pairs, iv)
    assert decrypt_sample(stored, Auxiliary(iv, tuple(pairs), 0), track("cenc"), KEY) == clear


def test_a_whole_sample_is_protected_without_subsamples():
    clear = sample_for([(0, 100)])
    assert decrypt_sample(encrypt_cbcs(clear, [(0, 100)], 0, 0), Auxiliary(b"", (), 0), track("cbcs"), KEY) == clear
    assert encrypt_cbcs(clear, [(0, 100)], 0, 0)[96:] == clear[96:], "the partial block stays clear"


def test_another_key_gives_other_bytes():
    clear = sample_for([(0, 64)])
    stored = encrypt_cenc(clear, [(0, 64)], IV)
    assert decrypt_sample(stored, Auxiliary(IV, (), 0), track("cenc"), IV) != clear


@pytest.mark.parametrize("pairs", [((10, 80),), ((100, 80),)])
def test_subsamples_that_do_not_fill_the_sample_are_refused(pairs):
    with pytest.raises(MalformedMedia, match="of 100 bytes"):
        protected_ranges(Auxiliary(b"", pairs, 0), 100)


def test_an_unknown_scheme_is_refused():
    with pytest.raises(MalformedMedia, match="cens"):
        decrypt_sample(bytes(32), Auxiliary(IV, (), 0), track("cens"), KEY)
