"""NAL units of AVC samples (ISO/IEC 14496-15, 5.3.4.2)."""

from __future__ import annotations

from collections.abc import Iterator

from core.adapters.isobmff.boxes import MalformedMedia

_SLICES = range(1, 6)
"""NAL unit types that carry picture data (ISO/IEC 14496-10, table 7-1)."""
_IDR = 5


def length_size(configuration: bytes) -> int:
    """Bytes of the length before each NAL unit, as the body of `avcC` says."""
    return (configuration[4] & 3) + 1


def slices(sample: bytes, size: int) -> Iterator[tuple[int, int]]:
    """(start, end) of each NAL unit with picture data; `size` is the length's. Raises MalformedMedia."""
    position = 0
    while position < len(sample):
        start = position + size
        end = start + int.from_bytes(sample[position:start], "big")
        if end > len(sample) or end == start:
            raise MalformedMedia("NAL units do not fill their sample")
        if sample[start] & 31 in _SLICES:
            yield start, end
        position = end


def starts_anew(sample: bytes, size: int) -> bool:
    """Whether decoding can begin here: all its slices are of an IDR picture. Raises MalformedMedia."""
    return all(sample[start] & 31 == _IDR for start, _ in slices(sample, size))
