"""Widevine's data in a `pssh` box: the protocol buffer WidevinePsshData, as Shaka Packager publishes it.

Its wire format (https://protobuf.dev/programming-guides/encoding/) is four lines of code for the fields that we need.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_KEY_ID, _PROVIDER, _CONTENT_ID, _PERIOD, _SCHEME = 2, 3, 4, 7, 9
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10


class MalformedWidevinePssh(ValueError):
    """The bytes are not WidevinePsshData."""


@dataclass(frozen=True)
class WidevinePsshData:
    """`kids` are 32 hex digits each; `scheme` is the four-character code of ISO/IEC 23001-7, e.g. "cbcs"."""

    kids: tuple[str, ...] = ()
    provider: str = ""
    content_id: bytes = b""
    crypto_period_index: int | None = None
    scheme: str = ""

    def encoded(self) -> bytes:
        fields = [_bytes(_KEY_ID, bytes.fromhex(kid)) for kid in self.kids]
        fields += [_bytes(_PROVIDER, self.provider.encode())] if self.provider else []
        fields += [_bytes(_CONTENT_ID, self.content_id)] if self.content_id else []
        if self.crypto_period_index is not None:
            fields.append(_integer(_PERIOD, self.crypto_period_index))
        if self.scheme:
            fields.append(_integer(_SCHEME, int.from_bytes(self.scheme.encode("ascii"), "big")))
        return b"".join(fields)


def read_widevine_pssh(data: bytes) -> WidevinePsshData:
    """Fields that we do not know are left out. Raises MalformedWidevinePssh."""
    kids: list[str] = []
    last: dict[int, bytes | int] = {}
    for number, value in _fields(data):
        if number == _KEY_ID and isinstance(value, bytes):
            kids.append(value.hex())
        else:
            last[number] = value
    provider, content_id, period, scheme = (last.get(n) for n in (_PROVIDER, _CONTENT_ID, _PERIOD, _SCHEME))
    return WidevinePsshData(
        kids=tuple(kids),
        provider=provider.decode("utf-8", "replace") if isinstance(provider, bytes) else "",
        content_id=content_id if isinstance(content_id, bytes) else b"",
        crypto_period_index=period if isinstance(period, int) else None,
        scheme=scheme.to_bytes(10, "big").lstrip(b"\0").decode("latin-1") if isinstance(scheme, int) else "",
    )


def _bytes(number: int, value: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH) + _varint(len(value)) + value


def _integer(number: int, value: int) -> bytes:
    return _varint(number << 3 | _VARINT) + _varint(value)


def _varint(value: int) -> bytes:
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*encoded, value])


def _fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    position = 0
    while position < len(data):
        tag, position = _read_varint(data, position)
        wire = tag & 7
        if wire == _VARINT:
            value, position = _read_varint(data, position)
            yield tag >> 3, value
            continue
        if wire == _LENGTH:
            size, position = _read_varint(data, position)
        elif wire in {_FIXED64, _FIXED32}:
            size = 8 if wire == _FIXED64 else 4
        else:
            raise MalformedWidevinePssh("an unknown wire type")
        if position + size > len(data):
            raise MalformedWidevinePssh("a field runs past the end")
        yield tag >> 3, data[position : position + size]
        position += size


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    value = 0
    for index, byte in enumerate(data[position : position + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return value, position + index + 1
    raise MalformedWidevinePssh("a number does not end")
