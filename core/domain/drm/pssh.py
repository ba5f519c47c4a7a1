"""Protection System Specific Header boxes (ISO/IEC 23001-7, 8.1)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

_KIND = b"pssh"
_ID_BYTES = 16


class MalformedPssh(ValueError):
    """The bytes are not a `pssh` box."""


@dataclass(frozen=True)
class Pssh:
    """`system` is the DRM system's UUID, `kids` are 32 hex digits each: only version 1 boxes list them in the clear."""

    system: str
    data: bytes = b""
    kids: tuple[str, ...] = ()
    version: int = 0


def pssh_box(system: str, data: bytes = b"", kids: Iterable[str] = ()) -> bytes:
    """A whole box: version 1 when `kids` are given, else version 0."""
    ids = [bytes.fromhex(kid) for kid in kids]
    if any(len(each) != _ID_BYTES for each in ids):
        raise ValueError("a key id is 16 bytes")
    listed = len(ids).to_bytes(4, "big") + b"".join(ids) if ids else b""
    version_and_flags = bytes([1 if ids else 0, 0, 0, 0])
    body = version_and_flags + UUID(system).bytes + listed + len(data).to_bytes(4, "big") + data
    return (8 + len(body)).to_bytes(4, "big") + _KIND + body


def read_pssh(box: bytes) -> Pssh:
    """Exactly one box. Raises MalformedPssh."""
    try:
        size, kind, version, _, _, system = struct.unpack_from(">I4sBBH16s", box)
        position, kids = 28, []
        if version == 1:
            (count,) = struct.unpack_from(">I", box, position)
            position += 4 + _ID_BYTES * count
            kids = [box[at : at + _ID_BYTES].hex() for at in range(32, min(position, len(box)), _ID_BYTES)]
        (length,) = struct.unpack_from(">I", box, position)
    except struct.error:
        raise MalformedPssh("a pssh box is truncated") from None
    if kind != _KIND or version > 1 or size != len(box) or position + 4 + length != size:
        raise MalformedPssh("a pssh box does not hold what it says")
    return Pssh(str(UUID(bytes=system)), box[position + 4 :], tuple(kids), version)
