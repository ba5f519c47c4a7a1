"""Taking a published version's tracks out from under its keys."""

from __future__ import annotations

from temporalio import activity

from activities.key_use import key_use
from activities.reporting import step_progress
from core.contracts.rekey_video import RekeyVideoInput
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.drm.key_audit import KeyPurpose
from core.domain.progress import Step
from core.ports import RootKeyVault
from core.services.keys.reader import ContentKeyReader
from core.services.media.regain_tracks import regain_tracks
from core.services.media.tools import MediaTools
from core.services.videos.recorded_plan import recorded_plan


class RekeyingActivities:
    """Keys are unwrapped in here and never leave as a result."""

    def __init__(self, uow: UnitOfWorkFactory, tools: MediaTools, vault: RootKeyVault) -> None:
        self._uow = uow
        self._tools = tools
        self._vault = vault

    @activity.defn(name="regain_tracks")
    async def regain_tracks(self, message: RekeyVideoInput) -> None:
        async with self._uow() as uow:
            plan = recorded_plan(await uow.videos.version(message.previous))
        keys = ContentKeyReader(self._uow, self._vault, key_use(KeyPurpose.REKEYING))
        async with step_progress(self._uow, message.target, Step.REGAIN) as report:
            await regain_tracks(self._tools, keys, message.target, message.previous, plan, report)
