"""One transaction around one use case. The only place that commits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from core.db.engine import create_engine
from core.db.repositories.api_keys import ApiKeyRepository
from core.db.repositories.audit_log import AuditLogRepository
from core.db.repositories.catalogue import CatalogueRepository
from core.db.repositories.devices import DeviceRepository
from core.db.repositories.external_keys import ExternalKeyRepository
from core.db.repositories.files import FileRepository
from core.db.repositories.folders import FolderRepository
from core.db.repositories.idempotency import IdempotencyRepository
from core.db.repositories.imports import ImportRepository
from core.db.repositories.key_audit import KeyAuditRepository
from core.db.repositories.key_rotation import KeyRotationRepository
from core.db.repositories.key_signers import KeySignerRepository
from core.db.repositories.keys import KeyRepository
from core.db.repositories.licences import LicenceRepository
from core.db.repositories.member_sessions import MemberSessionRepository
from core.db.repositories.members import MemberRepository
from core.db.repositories.offline_licences import OfflineLicenceRepository
from core.db.repositories.organisations import OrganisationRepository
from core.db.repositories.otps import OtpRepository
from core.db.repositories.outbox import OutboxRepository
from core.db.repositories.progress import ProgressRepository
from core.db.repositories.resumable_uploads import ResumableUploadRepository
from core.db.repositories.sessions import SessionRepository
from core.db.repositories.sso import SsoRepository
from core.db.repositories.token_keys import TokenKeyRepository
from core.db.repositories.totp import TotpRepository
from core.db.repositories.variants import VariantRepository
from core.db.repositories.videos import VideoRepository
from core.db.repositories.webhook_deliveries import WebhookDeliveryRepository
from core.db.repositories.webhook_endpoints import WebhookEndpointRepository


class UnitOfWork:
    """`async with factory() as uow: ...; await uow.commit()`. What is not committed when the block ends is undone."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self.organisations = OrganisationRepository(session)
        self.api_keys = ApiKeyRepository(session)
        self.members = MemberRepository(session)
        self.member_sessions = MemberSessionRepository(session)
        self.totp = TotpRepository(session)
        self.sso = SsoRepository(session)
        self.token_keys = TokenKeyRepository(session)
        self.audit_log = AuditLogRepository(session)
        self.videos = VideoRepository(session)
        self.imports = ImportRepository(session)
        self.resumable_uploads = ResumableUploadRepository(session)
        self.catalogue = CatalogueRepository(session)
        self.folders = FolderRepository(session)
        self.files = FileRepository(session)
        self.variants = VariantRepository(session)
        self.progress = ProgressRepository(session)
        self.sessions = SessionRepository(session)
        self.otps = OtpRepository(session)
        self.devices = DeviceRepository(session)
        self.licences = LicenceRepository(session)
        self.offline_licences = OfflineLicenceRepository(session)
        self.keys = KeyRepository(session)
        self.key_rotation = KeyRotationRepository(session)
        self.key_audit = KeyAuditRepository(session)
        self.external_keys = ExternalKeyRepository(session)
        self.key_signers = KeySignerRepository(session)
        self.idempotency = IdempotencyRepository(session)
        self.outbox = OutboxRepository(session)
        self.webhook_endpoints = WebhookEndpointRepository(session)
        self.webhook_deliveries = WebhookDeliveryRepository(session)

    async def statement_by_statement(self) -> None:
        """Before the first statement: from now on each is a transaction of its own, and `commit` has nothing to do.

        For hot paths of one reading and one writing, where BEGIN and COMMIT would double the round trips.
        """
        await self._session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})

    async def commit(self) -> None:
        await self._session.commit()

    async def release(self) -> None:
        """Give the connection back before something slow; what was not committed is undone, and work may go on."""
        await self._session.close()

    async def ping(self) -> None:
        """Raises OperationalError when the database does not answer."""
        await self._session.execute(text("SELECT 1"))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing rolls back; a connection that died meanwhile is dropped from the pool.
        await self._session.close()


UnitOfWorkFactory = Callable[[], UnitOfWork]


def unit_of_work_factory(engine: AsyncEngine) -> UnitOfWorkFactory:
    """Rows stay readable after the commit, because nothing can be loaded lazily in asynchronous code."""
    sessions = async_sessionmaker(engine, expire_on_commit=False, autoflush=True)
    return lambda: UnitOfWork(sessions())


@asynccontextmanager
async def open_database(database_url: str, *, pool_size: int = 5) -> AsyncIterator[UnitOfWorkFactory]:
    """Units of work over one pool, which is closed with the block."""
    engine = create_engine(database_url, pool_size=pool_size)
    try:
        yield unit_of_work_factory(engine)
    finally:
        await engine.dispose()
