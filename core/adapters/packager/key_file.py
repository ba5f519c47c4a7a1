"""Hands content keys to the packager: a flag file that only we can read, gone as soon as the packager has ended."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.domain.drm.content_key import ContentKey


def flag_file_text(keys: Iterable[ContentKey]) -> str:
    """Raw-key flags in the packager's syntax. cenc keys carry no IV: see ContentKey."""
    return "--enable_raw_key_encryption\n--keys=" + ",".join(_entry(key) for key in keys) + "\n"


def _entry(key: ContentKey) -> str:
    entry = f"label={key.label.value}:key_id={key.kid}:key={key.key.hex()}"
    return entry if key.iv is None else f"{entry}:iv={key.iv.hex()}"


@contextmanager
def key_file(path: Path, keys: Iterable[ContentKey]) -> Iterator[None]:
    """The file exists, with mode 0600, within the block only. Raises FileExistsError when something is there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as handle:
            handle.write(flag_file_text(keys))
        yield
    finally:
        path.unlink(missing_ok=True)


def redact(text: str, keys: Collection[ContentKey]) -> str:
    """The text without key bytes: when the packager dislikes its flags, it quotes them on stderr."""
    for key in keys:
        for secret in filter(None, (key.key, key.iv)):
            for form in (secret.hex(), secret.hex().upper()):
                text = text.replace(form, "[redacted]")
    return text
