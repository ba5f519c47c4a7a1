"""Removing the display matrix from an MP4 that we wrote ourselves.

We turn pictures upright in the filter graph, by the plan. ffmpeg copies the source's matrix to the output all the same
when its own rotation is off (-noautorotate), so players would turn them again; 5.1 has no option against that.
"""

from __future__ import annotations

import mmap
from pathlib import Path

from core.adapters.isobmff.boxes import children, find, version_and_flags

#: Offset of the matrix in the body of `tkhd`, by the box's version (ISO/IEC 14496-12, 8.3.2).
_MATRIX_OFFSET = {0: 40, 1: 52}
#: a b u c d v x y w; u, v, w have 30 fractional bits, the rest 16.
_IDENTITY = b"".join(value.to_bytes(4, "big") for value in (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30))


def clear_display_matrix(path: Path) -> None:
    """Write the identity matrix into every track header, in place. Blocking. Raises MalformedMedia."""
    with path.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        for track in children(data, find(data, "moov"), "trak"):
            header = find(data, "tkhd", track)
            start = header.body + _MATRIX_OFFSET[version_and_flags(data, header)[0]]
            data[start : start + len(_IDENTITY)] = _IDENTITY
