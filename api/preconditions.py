"""The request headers that make a read partial or conditional (RFC 9110, sections 13.1 and 14.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from starlette.datastructures import Headers

#: One range. Object stores answer several with the first, and nonsense with a guess; neither is what was asked for.
_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))", re.ASCII)


@dataclass(frozen=True)
class Preconditions:
    """`byte_range` is None for the whole: nothing else was asked for, or in a form that may be ignored."""

    byte_range: str | None
    if_none_match: str | None
    if_range: str | None

    @classmethod
    def of(cls, headers: Headers) -> Preconditions:
        return cls(_single_range(headers.get("range", "")), headers.get("if-none-match"), headers.get("if-range"))

    @property
    def need_etag(self) -> bool:
        """Whether the answer depends on the object's ETag."""
        return self.if_none_match is not None or (self.byte_range is not None and self.if_range is not None)

    def has_current(self, etag: str) -> bool:
        """Whether the caller's copy is this one, compared weakly. `etag` is without its quotes."""
        given = [tag.strip().removeprefix("W/") for tag in (self.if_none_match or "").split(",")]
        return "*" in given or f'"{etag}"' in given

    def range_for(self, etag: str | None) -> str | None:
        """The range, unless it belongs to another object than the one with `etag`; dates never match."""
        return self.byte_range if self.if_range is None or self.if_range == f'"{etag}"' else None


def _single_range(value: str) -> str | None:
    found = _RANGE.fullmatch(value.replace(" ", "").lower())
    if found is None:
        return None
    first, last, suffix = found.groups()
    empty = int(suffix) == 0 if suffix else bool(last) and int(last) < int(first)
    return None if empty else found[0]
