"""Packaging and verification leave their names in the audit before they see a key; revoked ones are for re-keying."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment

from activities import packaging
from activities.packaging import PackagingActivities
from core.adapters.local_root_key import LocalRootKey
from core.contracts.publish_video import StepInput
from core.contracts.version_ref import VersionRef
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.drm.key_audit import KeyPurpose, KeyUse
from core.ports import KeyUnavailable
from core.services.keys.destroy_content_keys import destroy_content_keys
from core.services.keys.reader import ContentKeyReader
from core.services.keys.revoke_content_key import revoke_content_key
from core.services.keys.store import ContentKeySource
from tests.fixtures.key_rows import LABELS, video_with_keys

pytestmark = pytest.mark.stack


@pytest.mark.parametrize(
    ("step", "use_case", "purpose"),
    [("package", "package_version", KeyPurpose.PACKAGING), ("verify", "verify_version", KeyPurpose.VERIFICATION)],
)
async def test_the_step_is_named_with_its_workflow(
    uow_factory: UnitOfWorkFactory,
    vault: LocalRootKey,
    organisation_id: str,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    use_case: str,
    purpose: KeyPurpose,
) -> None:
    async def read_keys(_tools: Any, keys: ContentKeySource, target: VersionRef, _report: Any) -> set[str]:
        return set(await keys.read(target))

    monkeypatch.setattr(packaging, use_case, read_keys)
    target = await video_with_keys(uow_factory, vault, organisation_id)
    activities = PackagingActivities(uow_factory, tools=None, vault=vault)  # type: ignore[arg-type]
    environment = ActivityEnvironment()
    assert await environment.run(getattr(activities, step), StepInput(target)) == set(LABELS)
    async with uow_factory() as uow:
        [entry] = await uow.key_audit.entries(organisation_id, 0, 10)
    info = environment.info
    assert entry.use.purpose == purpose
    assert entry.use.actor == f"step:{info.activity_type}"
    assert entry.use.request_id == f"{info.workflow_id}/{info.workflow_run_id}"


@pytest.mark.parametrize("purpose", list(KeyPurpose))
async def test_a_revoked_key_opens_for_re_keying_only(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str, purpose: KeyPurpose
) -> None:
    target = await video_with_keys(uow_factory, vault, organisation_id)
    async with uow_factory() as uow:
        revoked = (await uow.keys.content_keys(target))[0]
        await revoke_content_key(uow, organisation_id, revoked.kid, "test", "test")
        await uow.commit()
    reader = ContentKeyReader(uow_factory, vault, KeyUse(purpose, "test", "test"))
    if purpose is KeyPurpose.REKEYING:
        assert (await reader.read(target))[revoked.label].kid == revoked.kid
        return
    with pytest.raises(KeyUnavailable, match="revoked"):
        await reader.read(target)


async def test_a_destroyed_key_opens_for_nothing(
    uow_factory: UnitOfWorkFactory, vault: LocalRootKey, organisation_id: str
) -> None:
    target = await video_with_keys(uow_factory, vault, organisation_id)
    async with uow_factory() as uow:
        await destroy_content_keys(uow.keys, target)
        await uow.commit()
    with pytest.raises(KeyUnavailable, match="destroyed"):
        await ContentKeyReader(uow_factory, vault, KeyUse(KeyPurpose.REKEYING, "test", "test")).read(target)
