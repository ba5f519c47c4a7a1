"""A media segment under other keys than it was packaged with: the same samples, and in its fragment what says so."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import CBC

from core.adapters.isobmff.boxes import Box, MalformedMedia, boxes, children, find_optional, integer, signed
from core.adapters.isobmff.decryption import BLOCK, decrypt_sample, pattern_blocks, protected_ranges
from core.adapters.isobmff.encryption_group import encryption_group
from core.adapters.isobmff.fragments import read_fragments
from core.adapters.isobmff.init_segment import InitSegment
from core.adapters.isobmff.protection import Auxiliary, TrackEncryption


@dataclass(frozen=True)
class SegmentKey:
    """How samples are encrypted, and with which key."""

    encryption: TrackEncryption
    key: bytes = field(repr=False)


def rekeyed_segment(data: bytes, init: InitSegment, before: SegmentKey, after: SegmentKey, systems: bytes) -> bytes:
    """The segment of one fragment, its samples under `after`; `systems` are `pssh` boxes for its `moof`.

    Sample sizes, IVs of cenc and what stays clear remain. The fragment grows by a sample group and `systems`. Raises
    MalformedMedia for a segment that is not one fragment with 32-bit sizes and offsets from its `moof`.
    """
    samples = list(read_fragments(data, init))
    moved = bytearray(data)
    for sample in samples:
        start, end = sample.place.offset, sample.place.offset + sample.place.size
        clear = decrypt_sample(data[start:end], sample.auxiliary, before.encryption, before.key)
        moved[start:end] = _encrypted(clear, sample.auxiliary, after)
    return _grown(moved, encryption_group(after.encryption, len(samples)), systems)


def _encrypted(clear: bytes, auxiliary: Auxiliary, how: SegmentKey) -> bytes:
    if how.encryption.scheme == "cenc":
        return decrypt_sample(clear, auxiliary, how.encryption, how.key)  # counter mode is its own inverse
    if how.encryption.constant_iv is None:
        raise MalformedMedia("cbcs without a constant IV")
    sample = bytearray(clear)
    for start, end in protected_ranges(auxiliary, len(clear)):
        blocks = pattern_blocks(start, end, how.encryption)
        encryptor = Cipher(AES128(how.key), CBC(how.encryption.constant_iv)).encryptor()
        hidden = encryptor.update(b"".join([clear[at : at + BLOCK] for at in blocks]))
        for index, at in enumerate(blocks):
            sample[at : at + BLOCK] = hidden[index * BLOCK : index * BLOCK + BLOCK]
    return bytes(sample)


def _grown(data: bytearray, group: bytes, systems: bytes) -> bytes:
    """`group` goes to the end of `traf`, where it moves no auxiliary information; `systems` to the end of `moof`."""
    whole = bytes(data)
    moof, traf = _only(whole, None, "moof"), _only(whole, _only(whole, None, "moof"), "traf")
    growth = len(group) + len(systems)
    _add(data, traf.start, len(group))
    _add(data, moof.start, growth)
    for run in children(whole, traf, "trun"):
        if not integer(whole, run.body + 1, 3) & 1:
            raise MalformedMedia("a run without a data offset")
        struct.pack_into(">i", data, run.body + 8, signed(whole, run.body + 8, 4) + growth)
    index = find_optional(whole, "sidx")
    if index is not None:
        _add(data, _reference(whole, index), growth)
    return bytes(data[: traf.end]) + group + bytes(data[traf.end : moof.end]) + systems + bytes(data[moof.end :])


def _only(data: bytes, parent: Box | None, kind: str) -> Box:
    inside = boxes(data) if parent is None else boxes(data, parent.body, parent.end)
    found = [box for box in inside if box.kind == kind.encode()]
    if len(found) != 1 or found[0].body - found[0].start != 8:
        raise MalformedMedia(f"one {kind} box with a 32-bit size expected, {len(found)} found")
    return found[0]


def _reference(data: bytes, sidx: Box) -> int:
    """Where the index has the fragment's size (ISO/IEC 14496-12, 8.16.3)."""
    position = sidx.body + (28 if data[sidx.body] else 20)
    if integer(data, position + 2, 2) != 1:
        raise MalformedMedia("an index of more than one fragment")
    return position + 4


def _add(data: bytearray, offset: int, growth: int) -> None:
    struct.pack_into(">I", data, offset, integer(bytes(data[offset : offset + 4]), 0, 4) + growth)
