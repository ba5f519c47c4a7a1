"""Packaging with encryption, and the proof that it was done right."""

from __future__ import annotations

from temporalio import activity

from activities.key_use import key_use
from activities.reporting import step_progress
from core.contracts.publish_video import PackageResult, StepInput, VerificationResult
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.drm.key_audit import KeyPurpose
from core.domain.progress import Step
from core.ports import RootKeyVault
from core.services.keys.reader import ContentKeyReader
from core.services.media.package_version import package_version
from core.services.media.tools import MediaTools
from core.services.media.verify_version import verify_version


class PackagingActivities:
    """Keys are unwrapped in here and never leave as a result."""

    def __init__(self, uow: UnitOfWorkFactory, tools: MediaTools, vault: RootKeyVault) -> None:
        self._uow = uow
        self._tools = tools
        self._vault = vault

    @activity.defn(name="package")
    async def package(self, message: StepInput) -> PackageResult:
        async with step_progress(self._uow, message.target, Step.PACKAGE) as report:
            return await package_version(self._tools, self._keys(KeyPurpose.PACKAGING), message.target, report)

    @activity.defn(name="verify")
    async def verify(self, message: StepInput) -> VerificationResult:
        async with step_progress(self._uow, message.target, Step.VERIFY) as report:
            return await verify_version(self._tools, self._keys(KeyPurpose.VERIFICATION), message.target, report)

    def _keys(self, purpose: KeyPurpose) -> ContentKeyReader:
        return ContentKeyReader(self._uow, self._vault, key_use(purpose))
