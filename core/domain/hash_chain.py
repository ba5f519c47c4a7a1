"""Hash chains: each entry's digest covers the one before, so that a changed, removed or inserted entry is evident."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

GENESIS = bytes(32)
"""What the first entry of a chain follows."""


class Linked(Protocol):
    """`sequence` counts from 1 without gaps; `digest` is SHA-256."""

    @property
    def sequence(self) -> int: ...

    @property
    def digest(self) -> bytes: ...


E = TypeVar("E", bound=Linked)


def link(previous: bytes, content: Mapping[str, object]) -> bytes:
    """SHA-256 over the digest before and the content as canonical JSON (sorted names, no spaces, ASCII)."""
    written = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(previous + written.encode("ascii")).digest()


@dataclass(frozen=True)
class Broken:
    """The first entry of a chain that is not what was written."""

    sequence: int
    reason: str


@dataclass(frozen=True)
class Noted:
    """An entry of which somebody wrote down the digest where whoever owns the database cannot change it."""

    sequence: int
    digest: bytes


@dataclass(frozen=True)
class ChainVerdict:
    """`last` is the last good entry: worth noting elsewhere, for the next time."""

    last: Noted
    broken: Broken | None


class HashChain(Generic[E]):
    """Reads a chain's entries in their order, in as many portions as the caller likes.

    Who owns the database could write a whole new chain, or cut the end off: only `noted` shows that.
    """

    def __init__(self, digest_of: Callable[[bytes, E], bytes], noted: Noted | None = None) -> None:
        self.last = Noted(0, GENESIS)
        self._digest_of = digest_of
        self._noted = noted

    def first_broken(self, entries: Iterable[E]) -> Broken | None:
        """None when all of these follow from what was read before; then `last` is the last one."""
        for entry in entries:
            if entry.sequence != self.last.sequence + 1:
                return Broken(self.last.sequence + 1, "is missing")
            if self._digest_of(self.last.digest, entry) != entry.digest:
                return Broken(entry.sequence, "was changed, or the one before it")
            if self._noted and entry.sequence == self._noted.sequence and entry.digest != self._noted.digest:
                return Broken(entry.sequence, "is not the one that was noted, nor need those before it be")
            self.last = Noted(entry.sequence, entry.digest)
        return None

    def cut_off(self) -> Broken | None:
        """After the last portion: the entry that should follow, when the one that was noted never came."""
        if self._noted and self.last.sequence < self._noted.sequence:
            return Broken(self.last.sequence + 1, "is missing, and all up to the one that was noted")
        return None
