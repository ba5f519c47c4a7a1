"""What the routes work with, opened once per process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.drm.challenge import KeySystem
from core.ports import Clock, LicenceBackend, ObjectStorage, RootKeyVault, WorkflowGateway
from core.services.licences.grant_licence import LicenceFront
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
    licence_front: LicenceFront
    licence_backends: Mapping[KeySystem, LicenceBackend]
