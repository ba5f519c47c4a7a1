"""Reads a published version as a player would, and checks that both manifests and the stored objects agree."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from core.adapters.packager.layout import DASH_MANIFEST, FOLDERS, HLS_MASTER, IFRAME_PLAYLIST, MEDIA_PLAYLIST
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.domain.drm.content_key import ContentKey
from core.domain.drm.systems import DrmSystem, signalled_systems
from core.domain.drm.verification import VerificationFailed
from core.ports import ObjectNotFound, ObjectStorage
from core.services.media.verification.manifests import (
    DashTrack,
    HlsTrack,
    read_dash,
    read_hls,
    read_master,
)

_AHEAD = 4
"""Segments that are fetched while one is checked: memory stays small, and the store's delay does not show."""


class Published:
    """The objects of one version, by name relative to the published prefix. Always read from storage, never a cache."""

    def __init__(self, storage: ObjectStorage, target: VersionRef) -> None:
        self._storage = storage
        self._prefix = object_keys.published_prefix(target)

    async def read(self, name: str) -> bytes:
        """Raises VerificationFailed when there is no such object, StorageUnavailable when the store does not answer."""
        try:
            return await self._storage.get_bytes(self._prefix + name)
        except ObjectNotFound as error:
            raise VerificationFailed(f"{name} is missing") from error

    async def read_ahead(self, names: Sequence[str]) -> AsyncGenerator[tuple[str, bytes], None]:
        """(name, content) in order, the next few already on their way. Raises as `read`. To be closed by the caller."""
        coming: deque[tuple[str, asyncio.Task[bytes]]] = deque()
        left = iter(names)
        try:
            while True:
                coming += [(name, asyncio.create_task(self.read(name))) for name in islice(left, _AHEAD - len(coming))]
                if not coming:
                    return
                name, task = coming.popleft()
                yield name, await task
        finally:
            for _, task in coming:
                task.cancel()
            await asyncio.gather(*(task for _, task in coming), return_exceptions=True)

    async def read_text(self, name: str) -> str:
        """Like `read`, for playlists; they are UTF-8 (RFC 8216, 4.1)."""
        try:
            return (await self.read(name)).decode()
        except UnicodeDecodeError as error:
            raise VerificationFailed(f"{name} is not text") from error

    async def names(self) -> set[str]:
        """Names of the stored media objects; pictures and other additions are not ours to judge."""
        stats = await self._storage.list(self._prefix)
        names = (stat.key.removeprefix(self._prefix) for stat in stats)
        return {name for name in names if name.startswith(tuple(f"{folder}/" for folder in FOLDERS))}


async def check_manifests(
    published: Published, protected: Mapping[str, ContentKey], text: Collection[str]
) -> dict[str, DashTrack]:
    """Tracks by folder, as both manifests show them, with the key lines of the playlists.

    `protected` are the folders that must be there with their keys, `text` those of subtitles. Raises
    VerificationFailed when a track or an object is missing, left over, or announced with another key.
    """
    dash = read_dash(await published.read(DASH_MANIFEST))
    if set(dash) != {*protected, *text}:
        raise VerificationFailed(f"the MPD has {sorted(dash)}")
    playlists = {folder: f"{folder}/{MEDIA_PLAYLIST}" for folder in dash}
    iframes = {f"{folder}/{IFRAME_PLAYLIST}" for folder in protected if folder.startswith("video/")}
    referenced = {*playlists.values(), *iframes}
    check_master(await published.read_text(HLS_MASTER), referenced)
    for folder, track in dash.items():
        hls = read_hls(await published.read_text(playlists[folder]))
        _check_track(folder, track, hls, protected.get(folder))
        dash[folder] = replace(track, runs=hls.runs)
        referenced |= {track.init, *track.segments, *(f"{folder}/{name}" for name in hls.segments)}
    for playlist in iframes:
        hls = read_hls(await published.read_text(playlist))
        folder = playlist.rpartition("/")[0]
        _check_keys(playlist, hls, protected[folder])
        _check_changes(folder, hls, dash[folder])
    check_objects(referenced, await published.names())
    return dash


def check_master(text: str, wanted: set[str]) -> None:
    """Every rung is a variant; a title without video has exactly one, for players do not choose a language by rate."""
    master = read_master(text)
    if master.playlists != wanted:
        raise VerificationFailed("the master playlist does not lead to every track")
    rungs = {name for name in wanted if name.startswith("video/") and name.endswith(MEDIA_PLAYLIST)}
    if master.variants != rungs and (rungs or len(master.variants) != 1):
        raise VerificationFailed(f"the master playlist has the variants {sorted(master.variants)}")


def _check_track(folder: str, dash: DashTrack, hls: HlsTrack, key: ContentKey | None) -> None:
    if key is None:
        if dash.kid is not None or hls.runs:
            raise VerificationFailed(f"{folder} is announced as encrypted")
        return
    if dash.kid != (None if key.later else key.kid):
        raise VerificationFailed(f"{folder} is announced in the MPD with KID {dash.kid}")
    if dash.systems != _offered(key) - {DrmSystem.FAIRPLAY}:
        raise VerificationFailed(f"{folder} is announced in the MPD for {sorted(dash.systems)}")
    if tuple(f"{folder}/{name}" for name in hls.segments) != dash.segments or f"{folder}/{hls.init}" != dash.init:
        raise VerificationFailed(f"{folder} has other segments in HLS than in DASH")
    _check_keys(folder, hls, key)


def _check_keys(folder: str, hls: HlsTrack, key: ContentKey) -> None:
    """One run of key lines for each crypto period that the track reaches, the first before all segments."""
    if not hls.runs or hls.runs[0].first != 0 or len(hls.runs) > len(key.periods):
        raise VerificationFailed(f"{folder} has {len(hls.runs)} runs of key lines for {len(key.periods)} keys")
    for run, used in zip(hls.runs, key.periods, strict=False):
        if set(run.kids) != _offered(key):
            raise VerificationFailed(f"{folder} has key lines for {sorted(run.kids)}")
        if any(kid not in {None, used.kid} for kid in run.kids.values()):
            raise VerificationFailed(f"{folder} is announced in HLS with another KID")


def _check_changes(folder: str, iframes: HlsTrack, track: DashTrack) -> None:
    """Both playlists change the key before the same segments, which are compared with their media later."""
    changes = [f"{folder}/{iframes.segments[run.first]}" for run in iframes.runs if run.first < len(iframes.segments)]
    if changes != [track.segments[run.first] for run in track.runs if run.first < len(track.segments)]:
        raise VerificationFailed(f"{folder} changes its key elsewhere in its I-frame playlist")
    if [run.embedded for run in iframes.runs] != [run.embedded for run in track.runs]:
        raise VerificationFailed(f"{folder} has other DRM headers in its I-frame playlist")


def _offered(key: ContentKey) -> set[DrmSystem]:
    """Manifests offer ClearKey where init segments carry the common system; FairPlay is in playlists alone."""
    return set(signalled_systems(key.scheme)) - {DrmSystem.COMMON} | {DrmSystem.CLEARKEY}


def check_objects(referenced: set[str], stored: set[str]) -> None:
    """Raises VerificationFailed for an object that is missing or left over."""
    missing, left_over = referenced - stored, stored - referenced
    if missing:
        raise VerificationFailed(f"{min(missing)} is missing, and {len(missing) - 1} more")
    if left_over:
        raise VerificationFailed(f"{min(left_over)} is in no manifest, and {len(left_over) - 1} more")
