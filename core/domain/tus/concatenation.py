"""The `Upload-Concat` header (tus 1.0.0, extension "concatenation"): `partial`, or `final;` and addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.domain.errors import InvalidInput
from core.domain.tus.kind import UploadKind

MOST_PIECES = 1000
_ADDRESS = re.compile(r"(?:https?://[^/\s]+)?/v1/tus/([0-9a-f]{32})/?", re.ASCII)


@dataclass(frozen=True)
class Concatenation:
    """`pieces` are ids of partial uploads, in the order in which they are joined."""

    kind: UploadKind
    pieces: tuple[str, ...] = ()


def parse_concatenation(header: str | None) -> Concatenation:
    """Without the header the upload is whole. Raises InvalidInput (CONCATENATION_INVALID)."""
    if header is None:
        return Concatenation(UploadKind.WHOLE)
    if header.strip() == "partial":
        return Concatenation(UploadKind.PARTIAL)
    kind, separator, addresses = header.strip().partition(";")
    found = [_ADDRESS.fullmatch(address) for address in addresses.split()]
    if kind != "final" or not separator or not 1 <= len(found) <= MOST_PIECES or not all(found):
        text = f"It is `partial`, or `final;` and 1 to {MOST_PIECES} addresses of partial uploads."
        raise InvalidInput(f"Upload-Concat is not valid. {text}", code="CONCATENATION_INVALID")
    pieces = tuple(match[1] for match in found if match is not None)
    if len(set(pieces)) != len(pieces):
        raise InvalidInput("Each partial upload can be joined once.", code="CONCATENATION_INVALID")
    return Concatenation(UploadKind.FINAL, pieces)


def spans(sizes: tuple[int, ...], begin: int, end: int) -> list[tuple[int, int, int]]:
    """Which bytes of which pieces lie between `begin` and `end` (exclusive) of the whole: (piece, first, last)."""
    found, at = [], 0
    for piece, size in enumerate(sizes):
        first, last = max(begin, at) - at, min(end, at + size) - at - 1
        if first <= last:
            found.append((piece, first, last))
        at += size
    return found
