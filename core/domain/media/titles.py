"""What viewers read in the audio and subtitle menus."""

from __future__ import annotations

from collections.abc import Sequence

from core.domain.media.languages import language_name

MAX_TITLE = 80


def unique_titles(tracks: Sequence[tuple[str | None, str]]) -> list[str]:
    """Titles for (title, language) pairs: the track's own, else the language's name, else "Track 1"; all different."""
    titles: list[str] = []
    for number, (title, language) in enumerate(tracks, start=1):
        wanted = _clean(title) or language_name(language) or f"Track {number}"
        titles.append(_unused(wanted, titles))
    return titles


def _clean(title: str | None) -> str:
    """One printable line: titles come from strangers' files and end in manifests, where quotes are syntax."""
    printable = "".join(c if c.isprintable() and c != '"' else " " for c in title or "")
    return " ".join(printable.split())[:MAX_TITLE].strip()


def _unused(wanted: str, taken: Sequence[str]) -> str:
    candidate, number = wanted, 1
    while candidate in taken:
        number += 1
        candidate = f"{wanted} {number}"
    return candidate
