"""Does an initialisation segment announce the protection it should, over the track it should?"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Collection

from core.adapters.isobmff.init_segment import InitSegment, SampleEntry
from core.adapters.isobmff.protection import SystemHeader, TrackEncryption
from core.domain.drm.content_key import ContentKey
from core.domain.drm.systems import DrmSystem, systems_with_pssh
from core.domain.drm.verification import VerificationFailed
from core.domain.media.plan import ProtectionScheme
from core.services.media.verification.manifests import KeyRun

_CODINGS = {"vide": "encv", "soun": "enca"}
_PATTERNS = {"vide": (1, 9), "soun": (0, 0)}
"""(encrypted, clear) blocks under cbcs: one in ten for video, every block for audio."""


def check_header(init: InitSegment, clear: InitSegment, key: ContentKey, kids: Collection[str]) -> TrackEncryption:
    """Compare with the mezzanine's header; `kids` are those of all labels in the first crypto period.

    Raises VerificationFailed.
    """
    if len(init.entries) != 1 or len(clear.entries) != 1:
        raise VerificationFailed(f"one sample entry expected, {len(init.entries)} found")
    _check_track(init, clear)
    encryption = _check_entry(init.handler, init.entries[0], clear.entries[0])
    _check_encryption(init.handler, encryption, key)
    check_systems(init.systems, key, kids)
    return encryption


def check_clear_header(init: InitSegment, clear: InitSegment) -> None:
    """Compare a header that announces no protection with the mezzanine's. Raises VerificationFailed."""
    if len(init.entries) != 1 or len(clear.entries) != 1:
        raise VerificationFailed(f"one sample entry expected, {len(init.entries)} found")
    _check_track(init, clear)
    entry, original = init.entries[0], clear.entries[0]
    if entry.encryption is not None or init.systems or entry.coding != original.coding:
        raise VerificationFailed(f"sample entry {entry.coding} announces a protection that segments do not have")
    if entry.configuration != original.configuration:
        raise VerificationFailed("the decoder configuration is not the mezzanine's")


def _check_track(init: InitSegment, clear: InitSegment) -> None:
    for name in ("handler", "timescale", "edit_start"):
        if getattr(init, name) != getattr(clear, name):
            raise VerificationFailed(f"{name} is {getattr(init, name)}, the mezzanine has {getattr(clear, name)}")


def _check_entry(handler: str, entry: SampleEntry, clear: SampleEntry) -> TrackEncryption:
    if entry.encryption is None or entry.coding != _CODINGS.get(handler):
        raise VerificationFailed(f"sample entry {entry.coding} is not protected")
    if entry.original != clear.coding or entry.configuration != clear.configuration:
        raise VerificationFailed("the decoder configuration is not the mezzanine's")
    return entry.encryption


def _check_encryption(handler: str, found: TrackEncryption, key: ContentKey) -> None:
    if found.scheme != key.scheme.value or not found.protected:
        raise VerificationFailed(f"scheme {found.scheme}, protected {found.protected}; {key.scheme} was asked for")
    if found.kid != key.kid:
        raise VerificationFailed(f"KID {found.kid} is not that of label {key.label}")
    if key.scheme is ProtectionScheme.CENC:
        if found.iv_size not in {8, 16} or found.constant_iv is not None:
            raise VerificationFailed(f"cenc needs an IV for each sample, iv_size is {found.iv_size}")
        return
    if found.iv_size or found.constant_iv != key.iv:
        raise VerificationFailed("the constant IV is not that of the key record")
    if (found.crypt_blocks, found.skip_blocks) != _PATTERNS[handler]:
        raise VerificationFailed(f"pattern {found.crypt_blocks}:{found.skip_blocks} on a {handler} track")


def check_systems(systems: Collection[SystemHeader], key: ContentKey, kids: Collection[str]) -> None:
    """One header a system: the common and Widevine ones list all `kids`, PlayReady's that of the track.

    Raises VerificationFailed.
    """
    headers = {header.system: header for header in systems}
    wanted = {system.value for system in systems_with_pssh(key.scheme)}
    if set(headers) != wanted or len(headers) != len(systems):
        raise VerificationFailed(f"pssh boxes for {sorted(headers)}, {sorted(wanted)} were asked for")
    if set(headers[DrmSystem.COMMON].kids) != set(kids):
        raise VerificationFailed("the common pssh box does not list the version's KIDs")
    if not all(bytes.fromhex(kid) in headers[DrmSystem.WIDEVINE].data for kid in kids):
        raise VerificationFailed("the Widevine pssh box does not list the version's KIDs")
    if _playready_kid(key.kid) not in headers[DrmSystem.PLAYREADY].data:
        raise VerificationFailed("the PlayReady pssh box does not name the track's KID")


def _playready_kid(kid: str) -> bytes:
    """As a PlayReady header has it: a little-endian GUID in base64 in UTF-16 (PlayReady Header Specification)."""
    return base64.b64encode(uuid.UUID(hex=kid).bytes_le).decode().encode("utf-16-le")


def check_embedded(systems: Collection[SystemHeader], embedded: Collection[bytes]) -> None:
    """Manifests repeat the headers, and players use either: they must be the same. Raises VerificationFailed."""
    known = {header.box for header in systems} | {header.data for header in systems}
    if not set(embedded) <= known or not {header.box for header in systems} <= set(embedded):
        raise VerificationFailed("the manifests carry other DRM headers than the init segment")


def check_lines(systems: Collection[SystemHeader], run: KeyRun) -> None:
    """Where keys change, playlists alone repeat the headers: Widevine's and PlayReady's. Raises VerificationFailed."""
    headers = {header.system: header for header in systems}
    if run.embedded != {headers[DrmSystem.WIDEVINE].box, headers[DrmSystem.PLAYREADY].data}:
        raise VerificationFailed("the playlist carries other DRM headers than the segments it leads to")
