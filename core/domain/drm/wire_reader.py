"""Reads protocol buffers' wire format (protobuf.dev, "Encoding"), bounded, without a schema compiler."""

from __future__ import annotations

from collections.abc import Iterator

from core.domain.drm.challenge import not_a_challenge

MOST_FIELDS = 512
_VARINT_BYTES = 10
_VARINT, _I64, _BYTES, _I32 = 0, 1, 2, 5
_FIXED = {_I64: 8, _I32: 4}


class Message:
    """The fields of one message by number, in order: varints as int, lengths as bytes, fixed ones skipped."""

    def __init__(self, data: bytes) -> None:
        """Raises InvalidInput for anything that is not a whole message."""
        self._numbers: dict[int, list[int]] = {}
        self._payloads: dict[int, list[bytes]] = {}
        for number, value in _fields(data):
            if isinstance(value, int):
                self._numbers.setdefault(number, []).append(value)
            else:
                self._payloads.setdefault(number, []).append(value)

    def number(self, field: int) -> int | None:
        """The last one counts, as the format demands."""
        return self._numbers.get(field, [None])[-1]

    def payloads(self, field: int) -> list[bytes]:
        return self._payloads.get(field, [])

    def payload(self, field: int) -> bytes | None:
        found = self.payloads(field)
        return found[-1] if found else None


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    offset = 0
    for _ in range(MOST_FIELDS):
        if offset == len(data):
            return
        tag, offset = _varint(data, offset)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise not_a_challenge("a field has no number")
        if kind == _VARINT:
            value, offset = _varint(data, offset)
            yield number, value
        elif kind == _BYTES:
            length, offset = _varint(data, offset)
            offset = _end(data, offset, length)
            yield number, data[offset - length : offset]
        elif kind in _FIXED:
            offset = _end(data, offset, _FIXED[kind])
        else:
            raise not_a_challenge("a field has an unknown type")
    if offset != len(data):
        raise not_a_challenge("it has too many fields")


def _varint(data: bytes, offset: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(data[offset : offset + _VARINT_BYTES]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, offset + place + 1
    raise not_a_challenge("a number does not end")


def _end(data: bytes, offset: int, length: int) -> int:
    if length > len(data) - offset:
        raise not_a_challenge("a field is longer than the message")
    return offset + length
