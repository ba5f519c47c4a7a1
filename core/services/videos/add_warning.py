"""Tell the owner something about a version that is published all the same."""

from __future__ import annotations

from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWork
from core.services.videos.state_change import lock_version


async def add_warning(uow: UnitOfWork, target: VersionRef, warning: str) -> None:
    """Repeatable; chunks on several workers may say the same at once. Raises NotFound. The caller commits."""
    version = (await lock_version(uow, target)).version
    version.warnings = list(dict.fromkeys([*version.warnings, warning]))
