"""A stored manifest, with the addresses of the session's licences, and without what they will not open."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from functools import partial

from core.adapters.packager import layout
from core.adapters.packager.licensing import licensed_mpd, licensed_playlist
from core.contracts import object_keys
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Forbidden
from core.domain.playback.path_signature import MediaGrant, verify
from core.ports import ObjectStorage
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

    The database is asked once, and only for what lists renditions. Raises ObjectNotFound, StorageUnavailable.
    """
    if verify(keys.licence_path, licence, now.timestamp()) != grant:
        raise Forbidden("The licence of the address belongs to another session.")
    without: Collection[str] = ()
    if layout.is_manifest(name):
        async with database() as uow:
            without = await withheld_tracks(uow, grant, now, protected=bool(places.systems))
    target = VersionRef(grant.organisation_id, grant.video_id, grant.version)
    data = await storage.get_bytes(object_keys.published_prefix(target) + name)
    # In a thread: the MPD of a long title has many thousands of elements.
    return await asyncio.to_thread(_with_licences, data, name, places, licence, without)


def _with_licences(data: bytes, name: str, places: LicencePlaces, licence: str, without: Collection[str]) -> bytes:
    if name.endswith(".mpd"):
        return licensed_mpd(data, places.of(licence), without)
    text = licensed_playlist(data.decode(), licence_query(licence), partial(places.key, licence), without)
    return text.encode()
