"""The elementary stream descriptor inside `esds` (ISO/IEC 14496-1, 7.2.6), of which writers agree on the core only."""

from __future__ import annotations

from core.adapters.isobmff.boxes import MalformedMedia

_STREAM, _DECODER, _SPECIFIC = 3, 4, 5


def decoder_specific_info(descriptor: bytes) -> bytes:
    """DecoderSpecificInfo: for AAC the AudioSpecificConfig. Raises MalformedMedia when there is none."""
    stream = _payload(descriptor, _STREAM)
    if len(stream) < 3:
        raise MalformedMedia("truncated elementary stream descriptor")
    flags, position = stream[2], 3
    position += 2 if flags & 0x80 else 0
    position += 1 + stream[position] if flags & 0x40 else 0
    position += 2 if flags & 0x20 else 0
    decoder = _payload(stream[position:], _DECODER)
    return _payload(decoder[13:], _SPECIFIC)


def _payload(data: bytes, tag: int) -> bytes:
    """What a descriptor holds; its length is coded in groups of 7 bits, most significant first."""
    if not data or data[0] != tag:
        raise MalformedMedia(f"descriptor {tag} expected")
    length, position = 0, 1
    for byte in data[1:5]:
        length, position = length << 7 | byte & 0x7F, position + 1
        if byte < 0x80:
            break
    if position + length > len(data):
        raise MalformedMedia(f"descriptor {tag} runs past its box")
    return data[position : position + length]
