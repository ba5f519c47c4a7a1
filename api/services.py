"""What the routes work with, opened once per process."""

from __future__ import annotations

from dataclasses import dataclass

from core.db.unit_of_work import UnitOfWorkFactory
from core.ports import Clock, Leases, ObjectStorage, RootKeyVault, WorkflowGateway
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
    leases: Leases
    ended_sessions: EndedSessions
