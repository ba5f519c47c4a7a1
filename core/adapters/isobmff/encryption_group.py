"""The sample group `seig`: samples of a fragment have another key than their track says (ISO/IEC 23001-7, 6)."""

from __future__ import annotations

import struct
from dataclasses import replace

from core.adapters.isobmff.boxes import Box, Buffer, MalformedMedia, children, integer, version_and_flags
from core.adapters.isobmff.building import make_full_box
from core.adapters.isobmff.protection import TrackEncryption

_GROUPING = b"seig"
_FIRST_LOCAL = 0x10001
"""Index of the first group that the fragment itself describes (ISO/IEC 14496-12, 8.9.4)."""
_FIXED_BYTES = 20


def read_encryption_group(
    data: Buffer, track: Box, samples: int, encryption: TrackEncryption | None
) -> TrackEncryption | None:
    """How the group has the samples of a `traf` encrypted; None without such a group.

    Raises MalformedMedia unless one description applies to all of them: a group can declare samples clear, whatever
    the track says.
    """
    described, assigned = (
        [box for box in children(data, track, kind) if bytes(data[box.body + 4 : box.body + 8]) == _GROUPING]
        for kind in ("sgpd", "sbgp")
    )
    if not described and not assigned:
        return None
    if encryption is None or len(described) != 1 or len(assigned) != 1:
        raise MalformedMedia("a sample group overrides the track's encryption for some samples")
    _check_assignment(data, assigned[0], samples)
    return _described(data, described[0], encryption)


def encryption_group(encryption: TrackEncryption, samples: int) -> bytes:
    """`sbgp` and `sgpd` that have all samples of a fragment encrypted so."""
    pattern = encryption.crypt_blocks << 4 | encryption.skip_blocks
    entry = struct.pack(">BBBB", 0, pattern, encryption.protected, encryption.iv_size) + bytes.fromhex(encryption.kid)
    if encryption.constant_iv is not None:
        entry += bytes([len(encryption.constant_iv)]) + encryption.constant_iv
    assignment = _GROUPING + struct.pack(">III", 1, samples, _FIRST_LOCAL)
    description = _GROUPING + struct.pack(">II", len(entry), 1) + entry
    return make_full_box(b"sbgp", assignment) + make_full_box(b"sgpd", description, version=1)


def _check_assignment(data: Buffer, sbgp: Box, samples: int) -> None:
    version, _ = version_and_flags(data, sbgp)
    rows = [integer(data, sbgp.body + offset, 4) for offset in (8, 12, 16)] if not version else []
    if rows != [1, samples, _FIRST_LOCAL] or sbgp.end - sbgp.body != 20:
        raise MalformedMedia("a sample group overrides the track's encryption for some samples")


def _described(data: Buffer, sgpd: Box, encryption: TrackEncryption) -> TrackEncryption:
    version, _ = version_and_flags(data, sgpd)
    entry = bytes(data[sgpd.body + 16 : sgpd.end])
    if version != 1 or integer(data, sgpd.body + 8, 4) != len(entry) or integer(data, sgpd.body + 12, 4) != 1:
        raise MalformedMedia("a sample group overrides the track's encryption in more than one way")
    if len(entry) < _FIXED_BYTES:
        raise MalformedMedia("a sample group's description is truncated")
    iv = entry[_FIXED_BYTES + 1 :] if entry[3] == 0 else None
    if entry[_FIXED_BYTES:] != (b"" if iv is None else bytes([len(iv)]) + iv):
        raise MalformedMedia("a sample group's constant IV is truncated")
    return replace(
        encryption,
        crypt_blocks=entry[1] >> 4,
        skip_blocks=entry[1] & 15,
        protected=entry[2] == 1,
        iv_size=entry[3],
        kid=entry[4:_FIXED_BYTES].hex(),
        constant_iv=iv,
    )
