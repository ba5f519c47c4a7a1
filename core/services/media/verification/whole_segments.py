"""AES-128 of HLS (RFC 8216, 4.3.2.4 and 6.2.3): playlists that name one key, and segments encrypted as a whole."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from core.adapters.packager.hls import parse_attributes
from core.adapters.packager.layout import HLS_MASTER, MEDIA_PLAYLIST
from core.domain.drm.content_key import ContentKey
from core.domain.drm.verification import VerificationFailed
from core.services.media.verification.published import Published, check_master, check_objects

_BLOCK_BITS = 128
_URI = re.compile(r'"urn:uuid:([0-9a-f]{32})"')
_IV = re.compile(r"0[xX]([0-9a-fA-F]{32})")
_HEAD = ("#EXT-X-MAP:", "#EXT-X-KEY:")


@dataclass(frozen=True)
class EncryptedPlaylist:
    """Paths are relative to the version; the initialisation segment is in the clear. `kid` in hex."""

    init: str
    segments: tuple[str, ...]
    kid: str
    iv: bytes = field(repr=False)


async def check_playlists(
    published: Published, protected: Mapping[str, ContentKey], text: Collection[str]
) -> tuple[dict[str, EncryptedPlaylist], dict[str, tuple[str, ...]]]:
    """Encrypted tracks by folder, and the segments of subtitles by folder.

    `protected` are the folders that must be there with their keys, `text` those of subtitles. Raises
    VerificationFailed when a track or an object is missing, left over, or announced with another key.
    """
    playlists = {folder: f"{folder}/{MEDIA_PLAYLIST}" for folder in (*protected, *text)}
    check_master(await published.read_text(HLS_MASTER), set(playlists.values()))
    tracks = {folder: read_encrypted(folder, await published.read_text(playlists[folder])) for folder in protected}
    for folder, track in tracks.items():
        if track.kid != protected[folder].kid:
            raise VerificationFailed(f"{folder} is announced with KID {track.kid}")
    texts = {folder: clear_segments(folder, await published.read_text(playlists[folder])) for folder in text}
    media = {name for track in tracks.values() for name in (track.init, *track.segments)}
    media |= {name for names in texts.values() for name in names}
    check_objects({*playlists.values(), *media}, await published.names())
    return tracks, texts


def read_encrypted(folder: str, text: str) -> EncryptedPlaylist:
    """Raises VerificationFailed unless one key with its IV applies to every segment, and to nothing else."""
    lines = _complete(folder, text)
    head = [line for line in lines if line.startswith(_HEAD)]
    if [line.partition(":")[0] + ":" for line in head] != list(_HEAD):
        raise VerificationFailed(f"{folder} has not one clear header, then one key")
    segments = tuple(f"{folder}/{line}" for line in lines if not line.startswith("#"))
    if any(not line.startswith("#") for line in lines[: lines.index(head[1])]):
        raise VerificationFailed(f"{folder} has a segment before its key")
    kid, iv = _key(folder, parse_attributes(head[1]))
    return EncryptedPlaylist(f"{folder}/{parse_attributes(head[0])['URI'].strip(chr(34))}", segments, kid, iv)


def _key(folder: str, attributes: dict[str, str]) -> tuple[str, bytes]:
    uri, iv = _URI.fullmatch(attributes.get("URI", "")), _IV.fullmatch(attributes.get("IV", ""))
    if set(attributes) != {"METHOD", "URI", "IV"} or attributes["METHOD"] != "AES-128" or uri is None or iv is None:
        raise VerificationFailed(f"{folder} does not name one AES-128 key with its IV")
    return uri[1], bytes.fromhex(iv[1])


def clear_segments(folder: str, text: str) -> tuple[str, ...]:
    """Of a subtitle, relative to the version. Raises VerificationFailed when something is announced as encrypted."""
    lines = _complete(folder, text)
    if any(line.startswith("#EXT-X-KEY:") for line in lines):
        raise VerificationFailed(f"{folder} is announced as encrypted")
    return tuple(f"{folder}/{line}" for line in lines if not line.startswith("#"))


def _complete(folder: str, text: str) -> list[str]:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or lines[0] != "#EXTM3U" or lines[-1] != "#EXT-X-ENDLIST":
        raise VerificationFailed(f"the playlist of {folder} is not complete")
    return lines


def opened(data: bytes, key: bytes, iv: bytes) -> bytes:
    """A segment in the clear. Raises VerificationFailed for what is not AES-128-CBC with PKCS#7 padding."""
    decryptor = Cipher(AES(key), CBC(iv)).decryptor()
    unpadder = PKCS7(_BLOCK_BITS).unpadder()
    try:
        clear = decryptor.update(data) + decryptor.finalize()
        return unpadder.update(clear) + unpadder.finalize()
    except ValueError:
        raise VerificationFailed("the segment does not decrypt") from None
