"""What the routes work with, opened once per process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.drm.challenge import KeySystem
from core.ports import (
    Clock,
    CountryLookup,
    Leases,
    LicenceBackend,
    ObjectStorage,
    RootKeyVault,
    WorkflowGateway,
)
from core.services.licences.grant_licence import LicenceFront
from core.services.organisations.known_credentials import KnownCredentials
from core.services.playback.addresses import LicencePlaces
from core.services.playback.ended_sessions import EndedSessions
from core.services.playback.signing_keys import SigningKeys
from core.settings import Settings


@dataclass(frozen=True)
class ApiServices:
    settings: Settings
    uow: UnitOfWorkFactory
    storage: ObjectStorage
    gateway: WorkflowGateway
    vault: RootKeyVault
    signing_keys: SigningKeys
    clock: Clock
    #: None without a database: rules on countries are refused.
    countries: CountryLookup | None
    leases: Leases
    ended_sessions: EndedSessions
    credentials: KnownCredentials
    licence_front: LicenceFront
    licence_backends: Mapping[KeySystem, LicenceBackend]

    @property
    def licence_places(self) -> LicencePlaces:
        return LicencePlaces(self.settings.public_url, frozenset(self.licence_backends))
