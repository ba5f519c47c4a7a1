"""Protection boxes of ISO/IEC 23001-7: `schm`, `tenc`, `pssh` and `senc`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.adapters.isobmff.boxes import Box, Buffer, MalformedMedia, find, integer, version_and_flags
from core.domain.drm.pssh import MalformedPssh, read_pssh


@dataclass(frozen=True)
class TrackEncryption:
    """`schm` and `tenc` of one sample entry. `kid` is hex; pattern counts are 16-byte blocks, 0:0 means every block."""

    scheme: str
    protected: bool
    kid: str
    crypt_blocks: int
    skip_blocks: int
    iv_size: int
    constant_iv: bytes | None


@dataclass(frozen=True)
class SystemHeader:
    """One `pssh` box: the DRM system's UUID, the KIDs that a version 1 box lists, the system's data, the whole box."""

    system: str
    kids: tuple[str, ...]
    data: bytes
    box: bytes


@dataclass(frozen=True, slots=True)
class Auxiliary:
    """Of one sample: its IV (empty under a constant one) and pairs of (clear, protected) byte counts.

    `size` is how many bytes the entry takes in `senc`, which `saiz` must agree with. No pairs: the whole sample.
    """

    iv: bytes
    subsamples: tuple[tuple[int, int], ...]
    size: int


def read_track_encryption(data: Buffer, sinf: Box) -> TrackEncryption:
    """Read `sinf` of an `encv` or `enca` sample entry."""
    schm, tenc = find(data, "schm", sinf), find(data, "schi/tenc", sinf)
    version, _ = version_and_flags(data, tenc)
    pattern = integer(data, tenc.body + 5, 1) if version else 0
    iv_size = integer(data, tenc.body + 7, 1)
    constant_iv = None
    if iv_size == 0:
        length = integer(data, tenc.body + 24, 1)
        constant_iv = bytes(data[tenc.body + 25 : tenc.body + 25 + length])
    return TrackEncryption(
        scheme=bytes(data[schm.body + 4 : schm.body + 8]).decode("latin-1"),
        protected=integer(data, tenc.body + 6, 1) == 1,
        kid=bytes(data[tenc.body + 8 : tenc.body + 24]).hex(),
        crypt_blocks=pattern >> 4,
        skip_blocks=pattern & 15,
        iv_size=iv_size,
        constant_iv=constant_iv,
    )


def read_system_header(data: Buffer, pssh: Box) -> SystemHeader:
    """Read one `pssh` box; only version 1 names KIDs in the clear."""
    box = bytes(data[pssh.start : pssh.end])
    try:
        header = read_pssh(box)
    except MalformedPssh as error:
        raise MalformedMedia(str(error)) from error
    return SystemHeader(header.system, header.kids, header.data, box)


def read_auxiliary(data: Buffer, senc: Box, iv_size: int) -> Iterator[Auxiliary]:
    """Entries of `senc`, one a sample. Raises MalformedMedia when they run past the box."""
    _, flags = version_and_flags(data, senc)
    position = senc.body + 8
    for _ in range(integer(data, senc.body + 4, 4)):
        entry = _auxiliary_at(data, position, iv_size, with_subsamples=bool(flags & 2))
        position += entry.size
        if position > senc.end:
            raise MalformedMedia("senc entries run past the box")
        yield entry


def _auxiliary_at(data: Buffer, position: int, iv_size: int, *, with_subsamples: bool) -> Auxiliary:
    iv = bytes(data[position : position + iv_size])
    if not with_subsamples:
        return Auxiliary(iv, (), iv_size)
    count = integer(data, position + iv_size, 2)
    first = position + iv_size + 2
    pairs = tuple((integer(data, at, 2), integer(data, at + 2, 4)) for at in range(first, first + 6 * count, 6))
    return Auxiliary(iv, pairs, iv_size + 2 + 6 * count)
