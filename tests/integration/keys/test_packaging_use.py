"""Packaging and verification leave their names in the audit before they see a key."""

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
from core.domain.drm.key_audit import KeyPurpose
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
