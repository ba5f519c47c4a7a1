"""Our own decryption of cenc and cbcs samples, sharing no code with the packager (ISO/IEC 23001-7, 9 and 10)."""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC, CTR

from core.adapters.isobmff.boxes import MalformedMedia
from core.adapters.isobmff.protection import Auxiliary, TrackEncryption

BLOCK = 16


def protected_ranges(auxiliary: Auxiliary, size: int) -> list[tuple[int, int]]:
    """(start, end) of each protected range of a sample. Raises MalformedMedia unless the pairs add up to `size`."""
    if not auxiliary.subsamples:
        return [(0, size)]
    ranges, position = [], 0
    for clear, protected in auxiliary.subsamples:
        if protected:
            ranges.append((position + clear, position + clear + protected))
        position += clear + protected
    if position != size:
        raise MalformedMedia(f"subsamples cover {position} of {size} bytes")
    return ranges


def decrypt_sample(sample: bytes, auxiliary: Auxiliary, track: TrackEncryption, key: bytes) -> bytes:
    """The clear sample. Raises MalformedMedia for schemes other than cenc and cbcs."""
    ranges = protected_ranges(auxiliary, len(sample))
    if track.scheme == "cenc":
        return _decrypt_counter(sample, ranges, key, auxiliary.iv)
    if track.scheme == "cbcs":
        return _decrypt_pattern(sample, ranges, key, track)
    raise MalformedMedia(f"scheme {track.scheme!r} is not supported")


def _decrypt_counter(sample: bytes, ranges: list[tuple[int, int]], key: bytes, iv: bytes) -> bytes:
    """AES-CTR over the protected ranges as if they were one; an 8-byte IV is the upper half of the counter."""
    decryptor = Cipher(AES128(key), CTR(iv.ljust(BLOCK, b"\0"))).decryptor()
    clear = bytearray(sample)
    for start, end in ranges:
        clear[start:end] = decryptor.update(sample[start:end])
    return bytes(clear)


def _decrypt_pattern(sample: bytes, ranges: list[tuple[int, int]], key: bytes, track: TrackEncryption) -> bytes:
    """AES-CBC over the blocks that the pattern selects; the chain starts anew with the constant IV in each range."""
    iv = track.constant_iv
    if iv is None or len(iv) != BLOCK:
        raise MalformedMedia("cbcs without a 16-byte constant IV")
    clear = bytearray(sample)
    for start, end in ranges:
        blocks = pattern_blocks(start, end, track)
        decryptor = Cipher(AES128(key), CBC(iv)).decryptor()
        plain = decryptor.update(b"".join([sample[at : at + BLOCK] for at in blocks]))
        for index, at in enumerate(blocks):
            clear[at : at + BLOCK] = plain[index * BLOCK : index * BLOCK + BLOCK]
    return bytes(clear)


def encrypted_bytes(ranges: list[tuple[int, int]], track: TrackEncryption) -> int:
    """How many bytes of the protected ranges the scheme changes: under cbcs whole blocks only, in each range apart."""
    if track.scheme == "cbcs":
        return BLOCK * sum(len(pattern_blocks(start, end, track)) for start, end in ranges)
    return sum(end - start for start, end in ranges)


def pattern_blocks(start: int, end: int, track: TrackEncryption) -> list[int]:
    """Offsets of the encrypted blocks of one range; a last partial block stays clear, as the standard says."""
    last = end - BLOCK + 1
    if not track.crypt_blocks or not track.skip_blocks:
        return list(range(start, last, BLOCK))
    period = (track.crypt_blocks + track.skip_blocks) * BLOCK
    heads = range(start, last, period)
    if track.crypt_blocks == 1:
        return list(heads)
    run = track.crypt_blocks * BLOCK
    return [at for head in heads for at in range(head, min(head + run, last), BLOCK)]
