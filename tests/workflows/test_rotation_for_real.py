"""`sealcast keys` over a real Temporal, a real database and the real activities. No key is in the histories."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from activities.keys import KeyActivities
from cli import keys as commands
from cli.failures import CommandFailed
from core.adapters.root_key import open_root_key
from core.contracts import queues, workflow_ids
from core.db.migrate import migrate
from core.db.unit_of_work import UnitOfWorkFactory, open_database
from core.domain.errors import Conflict, NotFound
from core.ports import RootKeyVault
from core.services.keys.envelope import open_tenant_key
from core.settings import Settings
from tests.fixtures.database import empty_database_url, new_organisation
from tests.fixtures.key_rows import opened, video_with_keys
from tests.fixtures.secret_search import Secret, SecretSearch
from workers.interceptors import TranslateErrors
from workflows.rotate_keys import RotateKeys

pytestmark = pytest.mark.stack

__all__ = ["empty_database_url"]


@pytest.fixture
async def uow(empty_database_url: str) -> AsyncIterator[UnitOfWorkFactory]:
    migrate(empty_database_url)
    async with open_database(empty_database_url) as factory:
        yield factory


@pytest.fixture
def operator(empty_database_url: str, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of the operator's shell; the root key is the file "new", and "old" is still known."""
    for name in ("old", "new"):
        (tmp_path / name).write_text(secrets.token_hex(32))
    settings = Settings(
        database_url=empty_database_url,
        temporal_address=server,
        temporal_namespace="default",
        root_key_file=tmp_path / "new",
        other_root_keys=(f"file:{tmp_path / 'old'}",),
    )
    monkeypatch.setattr(commands, "settings_or_explain", lambda: settings)
    return settings


@asynccontextmanager
async def worker(client: Client, uow: UnitOfWorkFactory, vault: RootKeyVault) -> AsyncIterator[None]:
    keys = KeyActivities(uow, vault)
    async with Worker(
        client,
        task_queue=queues.ORCHESTRATION,
        workflows=[RotateKeys],
        activities=[
            keys.next_tenant_key_version,
            keys.activate_tenant_key,
            keys.rewrap_secrets,
            keys.rewrap_tenant_keys,
        ],
        interceptors=[TranslateErrors()],
    ):
        yield


async def history(client: Client, organisation_id: str | None) -> bytes:
    events = (await client.get_workflow_handle(workflow_ids.rotate_keys(organisation_id)).fetch_history()).events
    return b"".join(event.SerializeToString() for event in events)


async def test_an_operator_rotates_both_keys_and_reads_it_in_the_audit(
    client: Client, uow: UnitOfWorkFactory, operator: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = open_root_key(operator.model_copy(update={"root_key_file": tmp_path / "old", "other_root_keys": ()}))
    both = open_root_key(operator)
    new = open_root_key(operator.model_copy(update={"other_root_keys": ()}))
    organisation_id = await new_organisation(uow)
    target = await video_with_keys(uow, old, organisation_id)
    before = await opened(uow, old, target)
    async with worker(client, uow, both):
        await commands.run_rotate_root(everything=False, wait=True)
        await commands.run_rotate_tenant(organisation_id, wait=True)
    printed = capsys.readouterr().out
    assert "rotated the root key; keys re-wrapped: 1" in printed
    assert "; keys re-wrapped: 3" in printed
    assert await opened(uow, new, target) == before
    async with uow() as work:
        tenant_keys = await work.key_rotation.tenant_keys(organisation_id)
    secret = [Secret(kid, key) for kid, key in before.items()]
    secret += [Secret(key.id, await open_tenant_key(new, key)) for key in tenant_keys]
    secret += [Secret(name, bytes.fromhex((tmp_path / name).read_text())) for name in ("old", "new")]
    written = {str(which): await history(client, which) for which in (organisation_id, None)}
    assert b"rewrap_secrets" in written[organisation_id]
    assert len(secret) == 7
    assert SecretSearch(secret).in_all(written) == set()
    assert await commands.run_verify_audit(None, None) == 0
    noted = capsys.readouterr().out.rpartition(" ")[2].strip()
    assert noted.startswith("1:")
    assert await commands.run_verify_audit(organisation_id, noted) == 0
    assert await commands.run_verify_audit(organisation_id, "2:00") == 1
    assert "BROKEN: entry 2 is missing" in capsys.readouterr().out
    for wrong, name in (("nonsense", organisation_id), (noted, None)):
        with pytest.raises(CommandFailed):
            await commands.run_verify_audit(name, wrong)


async def test_a_key_nobody_can_open_makes_the_command_fail(
    client: Client, uow: UnitOfWorkFactory, operator: Settings, tmp_path: Path
) -> None:
    (tmp_path / "lost").write_text(secrets.token_hex(32))
    lost = open_root_key(operator.model_copy(update={"root_key_file": tmp_path / "lost"}))
    await video_with_keys(uow, lost, await new_organisation(uow))
    async with worker(client, uow, open_root_key(operator)):
        with pytest.raises(Conflict, match="1 do not open") as failed:
            await commands.run_rotate_root(everything=False, wait=True)
    assert failed.value.code == "ROTATION_INCOMPLETE"


async def test_revoke_and_audit_by_the_command(
    uow: UnitOfWorkFactory, operator: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    organisation_id = await new_organisation(uow)
    target = await video_with_keys(uow, open_root_key(operator), organisation_id)
    async with uow() as work:
        kid = (await work.keys.content_keys(target))[0].kid
    await commands.run_revoke(kid.upper())
    with pytest.raises(NotFound):
        await commands.run_revoke("0" * 32)
    with pytest.raises(CommandFailed):
        await commands.run_revoke("no key id")
    await commands.run_audit(organisation_id, str(UUID(kid)), 10)
    shown = capsys.readouterr().out
    assert "revocation" in shown
    assert "operator:" in shown
    with pytest.raises(NotFound):
        await commands.run_audit("nobody", None, 10)
