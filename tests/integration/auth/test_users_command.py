"""`sealcast users`, over a real database."""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from cli.users import run_create_owner, run_impersonate, run_verify_log
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Conflict, InvalidInput, NotFound
from core.services.accounts.passwords import Passwords
from core.settings import load_settings

pytestmark = pytest.mark.stack

PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def environment(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "root.key").write_text(secrets.token_hex(32))
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("SEALCAST_ROOT_KEY_FILE", str(tmp_path / "root.key"))
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


def typed(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))


async def test_an_owner_is_created_once_and_noted(
    uow_factory: UnitOfWorkFactory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    email, slug = f"Boss.{uuid4().hex}@people.test", uuid4().hex
    typed(monkeypatch, PASSWORD)
    await run_create_owner(email, slug, "Films")
    shown = capsys.readouterr()
    assert PASSWORD not in shown.out + shown.err
    async with uow_factory() as uow:
        user = await uow.members.by_email(email.lower())
        organisation = await uow.organisations.by_slug(slug)
        assert user is not None
        assert organisation is not None
        assert (user.role, user.organisation_id, organisation.name) == ("owner", organisation.id, "Films")
        [entry] = await uow.audit_log.newest(organisation.id, None, 10)
    assert (await Passwords().check(user.password_hash, PASSWORD)).good
    assert entry.event.action == "member.create-owner"
    assert entry.event.actor.startswith("operator:")
    typed(monkeypatch, PASSWORD)
    with pytest.raises(Conflict):
        await run_create_owner(email, slug, None)
    typed(monkeypatch, "short")
    with pytest.raises(InvalidInput):
        await run_create_owner(f"{uuid4().hex}@people.test", slug, None)
    assert await run_verify_log(slug, None) == 0
    assert f"{slug}: good up to 1:" in capsys.readouterr().out


async def test_support_says_why_and_whom(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    email = f"{uuid4().hex}@people.test"
    with pytest.raises(NotFound):
        await run_impersonate(email, "ticket 7")
    typed(monkeypatch, PASSWORD)
    await run_create_owner(email, uuid4().hex, None)
    with pytest.raises(InvalidInput):
        await run_impersonate(email, " ")
    capsys.readouterr()
    await run_impersonate(email, "ticket 7")
    assert capsys.readouterr().out.count(".") == 2
