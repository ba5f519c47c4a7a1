"""AES-128 of HLS: whole segments under AES-128-CBC with PKCS#7 padding (RFC 8216, 4.3.2.4 and 5.2)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from core.adapters.packager.layout import MEDIA_PLAYLIST
from core.domain.drm.content_key import ContentKey

_IV_BYTES = 16
_MAP = "#EXT-X-MAP:"


def encrypt_whole_segments(output: Path, keys: Mapping[str, ContentKey]) -> None:
    """Encrypt the segments of each folder in place, once, and name the key in its playlist. Blocking.

    Initialisation segments stay clear: the key line follows the one that names them.
    """
    for folder, key in keys.items():
        iv = secrets.token_bytes(_IV_BYTES)
        for segment in (output / folder).glob("*.m4s"):
            segment.write_bytes(_encrypted(segment.read_bytes(), key.key, iv))
        playlist = output / folder / MEDIA_PLAYLIST
        playlist.write_text(_with_key(playlist.read_text("utf-8"), key.kid, iv), "utf-8")


def _encrypted(clear: bytes, key: bytes, iv: bytes) -> bytes:
    padder = PKCS7(AES.block_size).padder()
    encryptor = Cipher(AES(key), CBC(iv)).encryptor()
    return encryptor.update(padder.update(clear) + padder.finalize()) + encryptor.finalize()


def _with_key(playlist: str, kid: str, iv: bytes) -> str:
    """The key has a name instead of an address, which belongs to a session."""
    lines = playlist.splitlines()
    header = next(at for at, line in enumerate(lines) if line.startswith(_MAP))
    lines.insert(header + 1, f'#EXT-X-KEY:METHOD=AES-128,URI="urn:uuid:{kid}",IV=0x{iv.hex()}')
    return "\n".join(lines) + "\n"
