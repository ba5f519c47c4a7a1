"""FairPlay's tagged values: tag (u64), length of the block, length of the value (u32), value, padding; big-endian."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from core.domain.drm.challenge import not_a_challenge

_HEAD = struct.Struct(">QII")
_MOST_VALUES = 64
_BLOCK = 16


class Tag(IntEnum):
    """Those that a key server reads or writes."""

    ASSET_ID = 0x1BF7F53F5D5D5A1F
    ANTI_REPLAY_SEED = 0x89C90F12204106B2
    R2 = 0x71B5595AC1521133
    SESSION_KEY_R1 = 0x3D1A10B8BFFAC2EC
    SESSION_KEY_R1_INTEGRITY = 0xB349D4809E910687
    RETURN_REQUEST = 0x19F9D4E5AB7609CB
    ENCRYPTED_CK = 0x58B38165AF0E3D5A
    R1 = 0xEA74C4645D5EFEE9
    CONTENT_KEY_DURATION = 0x47ACF6A418CD091A
    HDCP_ENFORCEMENT = 0x2E52F1530D8DDB4A


@dataclass(frozen=True)
class Tllv:
    tag: int
    value: bytes = field(repr=False)


def read_tllvs(data: bytes) -> dict[int, bytes]:
    """Values by tag. Raises InvalidInput for what is damaged, and for a tag that comes twice."""
    found: dict[int, bytes] = {}
    offset = 0
    while offset < len(data):
        if len(data) - offset < _HEAD.size or len(found) == _MOST_VALUES:
            raise not_a_challenge("its values are damaged")
        tag, block, length = _HEAD.unpack_from(data, offset)
        offset += _HEAD.size
        if length > block or block > len(data) - offset or tag in found:
            raise not_a_challenge("its values are damaged")
        found[tag] = data[offset : offset + length]
        offset += block
    return found


def write_tllvs(values: Iterable[Tllv], random: Callable[[int], bytes]) -> bytes:
    """Whole AES blocks; what fills them is random."""
    return b"".join(_written(value, random) for value in values)


def _written(tllv: Tllv, random: Callable[[int], bytes]) -> bytes:
    padding = -len(tllv.value) % _BLOCK
    return _HEAD.pack(tllv.tag, len(tllv.value) + padding, len(tllv.value)) + tllv.value + random(padding)
