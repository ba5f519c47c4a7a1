"""Where the segments of a published version are, by its HLS playlists: every scheme has those."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.adapters.packager.layout import HLS_MASTER, MEDIA_PLAYLIST
from core.domain.drm.content_key import ContentKey
from core.domain.drm.verification import VerificationFailed
from core.domain.media.plan import ProtectionScheme
from core.services.media.verification.manifests import read_hls, read_master
from core.services.media.verification.published import Published
from core.services.media.verification.whole_segments import clear_segments, read_encrypted


@dataclass(frozen=True)
class PublishedTrack:
    """Paths relative to the version. `iv` is that of segments which are encrypted as a whole, None for samples."""

    init: str
    segments: tuple[str, ...]
    iv: bytes | None = field(default=None, repr=False)


async def published_folders(published: Published) -> frozenset[str]:
    """Folders of all tracks that players are led to. Raises VerificationFailed."""
    playlists = read_master(await published.read_text(HLS_MASTER)).playlists
    return frozenset(name.rpartition("/")[0] for name in playlists if name.endswith(f"/{MEDIA_PLAYLIST}"))


async def published_track(published: Published, folder: str, key: ContentKey) -> PublishedTrack:
    """Raises VerificationFailed when the playlist is not complete, or names another key than this one."""
    text = await published.read_text(f"{folder}/{MEDIA_PLAYLIST}")
    if key.scheme is ProtectionScheme.AES128:
        whole = read_encrypted(folder, text)
        if whole.kid != key.kid:
            raise VerificationFailed(f"{folder} is not protected by the key of label {key.label}")
        return PublishedTrack(whole.init, whole.segments, whole.iv)
    track = read_hls(text)
    return PublishedTrack(f"{folder}/{track.init}", tuple(f"{folder}/{name}" for name in track.segments))


async def published_text(published: Published, folder: str) -> tuple[str, ...]:
    """The WebVTT segments of a subtitle. Raises VerificationFailed."""
    return clear_segments(folder, await published.read_text(f"{folder}/{MEDIA_PLAYLIST}"))
