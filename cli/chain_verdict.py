"""What a check of a hash chain found, for people."""

from __future__ import annotations

from cli.failures import CommandFailed
from core.domain.hash_chain import ChainVerdict, Noted


def show_verdict(name: str, verdict: ChainVerdict) -> int:
    """Exit code: 1 when an entry is not what was written."""
    if verdict.broken is not None:
        print(f"{name}: BROKEN: entry {verdict.broken.sequence} {verdict.broken.reason}")
        return 1
    print(f"{name}: good up to {verdict.last.sequence}:{verdict.last.digest.hex()}")
    return 0


def noted_entry(text: str | None) -> Noted | None:
    """What `show_verdict` printed another time."""
    if text is None:
        return None
    sequence, _, digest = text.partition(":")
    try:
        return Noted(int(sequence), bytes.fromhex(digest))
    except ValueError:
        raise CommandFailed("--noted is what --verify printed: a number, a colon, 64 hex digits.") from None
