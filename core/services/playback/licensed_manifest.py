"""A stored manifest, with the addresses of the session's licences, and without what they will not open."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial

from core.adapters.packager import layout
from core.adapters.packager.captions import SideCaption, captioned_master, captioned_mpd
from core.adapters.packager.licensing import licensed_mpd, licensed_playlist
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Forbidden
from core.domain.playback.path_signature import MediaGrant, verify
from core.ports import ObjectStorage
from core.services.files.side_captions import side_captions
from core.services.playback.addresses import LicencePlaces, licence_query
from core.services.playback.signing_keys import SigningKeys
from core.services.playback.withheld_tracks import withheld_tracks

_SUFFIXES = (".mpd", ".m3u8")


def is_manifest(name: str) -> bool:
    return name.endswith(_SUFFIXES)


async def licensed_manifest(
    database: UnitOfWorkFactory,
    storage: ObjectStorage,
    keys: SigningKeys,
    places: LicencePlaces,
    grant: MediaGrant,
    name: str,
    licence: str,
    now: datetime,
) -> bytes:
    """`grant` is that of the path, `licence` the token of the query: of the same session, or Forbidden.

    The database is asked for what lists renditions, and for nothing else. Raises ObjectNotFound, StorageUnavailable.
    """
    if verify(keys.licence_path, licence, now.timestamp()) != grant:
        raise Forbidden("The licence of the address belongs to another session.")
    without: Collection[str] = ()
    captions: Sequence[SideCaption] = ()
    if layout.is_manifest(name):
        async with database() as uow:
            without = await withheld_tracks(uow, grant, now, protected=bool(places.systems))
            captions = await side_captions(uow, grant.organisation_id, grant.video_id)
    target = VersionRef(grant.organisation_id, grant.video_id, grant.version)
    data = await storage.get_bytes(object_keys.played_object(target, name))
    if captions:
        data = await asyncio.to_thread(_with_captions, data, name, captions)
    # In a thread: the MPD of a long title has many thousands of elements.
    return await asyncio.to_thread(_with_licences, data, name, places, licence, without)


def _with_captions(data: bytes, name: str, captions: Sequence[SideCaption]) -> bytes:
    if name.endswith(".mpd"):
        return captioned_mpd(data, captions)
    return captioned_master(data.decode(), captions).encode()


def _with_licences(data: bytes, name: str, places: LicencePlaces, licence: str, without: Collection[str]) -> bytes:
    if name.endswith(".mpd"):
        return licensed_mpd(data, places.of(licence), without)
    text = licensed_playlist(data.decode(), licence_query(licence), partial(places.key, licence), without)
    return text.encode()
