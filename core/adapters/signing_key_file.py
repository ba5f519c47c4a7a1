"""The key from which playback tokens and media paths are signed, kept in a file."""

from __future__ import annotations

from pathlib import Path

from core.ports import KeyUnavailable

_KEY_BYTES = 32


def read_signing_key(path: Path) -> bytes:
    """Read 64 hex digits. Raises KeyUnavailable; the message never holds the file's content."""
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        # `from None`: the text of a decoding error quotes what it could not decode.
        raise KeyUnavailable(f"no signing key in {path}: {type(error).__name__}") from None
    if len(key) != _KEY_BYTES:
        raise KeyUnavailable(f"a signing key is {_KEY_BYTES} bytes, the one in {path} has {len(key)}")
    return key
