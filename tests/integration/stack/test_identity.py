"""The stack runs for whoever starts it: root in a private directory, and an ordinary user."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli.stack.errors import StackError
from cli.stack.postgres import postgres_binaries
from cli.stack.unprivileged import Identity, candidates, choose_identity, hand_over
from tests.fixtures.supervising import SupervisorProcess, processes_of

pytestmark = pytest.mark.stack

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="changing the user needs root")


def _ordinary_user(tmp_path: Path) -> list[str]:
    """A command prefix that makes Python run as somebody who is not root."""
    if os.geteuid() != 0:
        return []
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"]
    namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    for prefix, owner in ((nobody, 65534), (namespace, 0)):
        os.chown(tmp_path, owner, owner)
        check = f"import os, pathlib; assert os.geteuid(); pathlib.Path({str(tmp_path / 'check')!r}).touch()"
        if (
            subprocess.run([*prefix, sys.executable, "-c", check], stderr=subprocess.DEVNULL, check=False).returncode
            == 0
        ):
            return prefix
    pytest.skip("neither setpriv nor unshare can run Python as an ordinary user here")


async def test_stack_runs_as_an_ordinary_user(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with SupervisorProcess(data_dir, prefix=_ordinary_user(tmp_path)) as supervisor:
        await asyncio.to_thread(supervisor.environment)
        assert len(processes_of(data_dir)) > 5
        assert await asyncio.to_thread(supervisor.stop) == 0
    assert processes_of(data_dir) == []


@only_root
async def test_root_in_a_private_directory_runs_postgres_in_a_user_namespace(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    identity = await choose_identity(tmp_path, postgres_binaries() / "postgres")
    assert (identity.description, identity.uid) == ("a user namespace", 0)


@only_root
async def test_root_in_an_open_directory_runs_postgres_as_nobody() -> None:
    public = Path("/var/tmp")  # noqa: S108 - a place that every user may enter
    identity = await choose_identity(public, Path("/usr/bin/env"))
    assert identity.description == "the user nobody"
    assert list(public.glob("identity-*")) == []


async def test_no_identity_that_works_is_an_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = Identity("a user who may nothing", ("false",), os.geteuid(), os.getegid())
    monkeypatch.setattr("cli.stack.unprivileged.candidates", lambda: [nowhere])
    with pytest.raises(StackError, match=r"--data-dir .*or set DATABASE_URL"):
        await choose_identity(tmp_path, Path("/usr/bin/env"))


def test_ordinary_user_needs_no_change_of_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert [identity.prefix for identity in candidates()] == [()]


@only_root
def test_files_of_an_earlier_identity_are_handed_over(tmp_path: Path) -> None:
    (tmp_path / "data" / "base").mkdir(parents=True)
    (tmp_path / "data" / "base" / "1").touch()
    (tmp_path / "data" / "link").symlink_to(tmp_path)
    hand_over(tmp_path / "data", Identity("the user nobody", (), 65534, 65534))
    assert {path.lstat().st_uid for path in [tmp_path / "data", *(tmp_path / "data").rglob("*")]} == {65534}
    assert tmp_path.stat().st_uid == 0
