"""What the routes work with, opened once per process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from api.upload_slots import UploadSlots
from core.adapters.egress.policy import egress_policy
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.drm.challenge import KeySystem
from core.domain.egress.destination import EgressPolicy
from core.ports import (
    Attempts,
    Clock,
    CountryLookup,
    CustomerServer,
    Leases,
    LicenceBackend,
    Mailer,
    ObjectStorage,
    RootKeyVault,
    WorkflowGateway,
)
from core.services.accounts.log_in import Doorkeeper
from core.services.accounts.passwords import Passwords
from core.services.accounts.start_session import TokenIssuer
from core.services.files.picture_tools import PictureTools
from core.services.licences.grant_licence import LicenceFront
from core.services.organisations.known_credentials import KnownCredentials
from core.services.playback.addresses import LicencePlaces
from core.services.playback.ended_sessions import EndedSessions
from core.services.playback.signing_keys import SigningKeys
from core.services.sso.sign_in import SsoDoor
from core.services.webhooks.refused_licences import RefusedLicences
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
    tokens: TokenIssuer
    passwords: Passwords
    attempts: Attempts
    mailer: Mailer
    customers: CustomerServer
    licence_front: LicenceFront
    licence_backends: Mapping[KeySystem, LicenceBackend]
    refused_licences: RefusedLicences
    upload_slots: UploadSlots
    pictures: PictureTools

    @property
    def licence_places(self) -> LicencePlaces:
        return LicencePlaces(self.settings.public_url, frozenset(self.licence_backends))

    @property
    def egress_policy(self) -> EgressPolicy:
        return egress_policy(self.settings)

    @property
    def doorkeeper(self) -> Doorkeeper:
        return Doorkeeper(self.uow, self.vault, self.passwords, self.attempts, self.tokens)

    @property
    def sso_door(self) -> SsoDoor:
        key, page = self.signing_keys.sso_ticket, f"{self.dashboard_url}/sso"
        return SsoDoor(self.uow, self.vault, self.customers, self.tokens, key, page)

    @property
    def dashboard_url(self) -> str:
        """Where links in mails lead."""
        return self.settings.dashboard_url or self.settings.public_url
