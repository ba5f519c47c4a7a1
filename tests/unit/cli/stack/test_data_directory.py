"""Who may read a data directory, and who may own it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cli.stack.data_directory import DataDirectory, DirectoryLock, write_private
from cli.stack.errors import StackLocked


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secret_is_made_once_and_private(tmp_path: Path) -> None:
    directory = DataDirectory.prepare(tmp_path / "data")
    secret = directory.secret("root.key")
    assert len(bytes.fromhex(secret)) == 32
    assert directory.secret("root.key") == secret
    assert directory.secret("signing.key") != secret
    assert _mode(directory.secret_file("root.key")) == 0o600
    assert _mode(directory.root / "secrets") == 0o700


def test_data_directory_can_be_passed_through_but_not_listed_by_others(tmp_path: Path) -> None:
    assert _mode(DataDirectory.prepare(tmp_path / "data").root) == 0o711


def test_existing_directory_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o750)
    DataDirectory.prepare(tmp_path)
    assert _mode(tmp_path) == 0o750


def test_private_file_replaces_an_open_one_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert (path.read_text(), _mode(path)) == ("new", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_second_lock_is_refused_until_the_first_is_released(tmp_path: Path) -> None:
    directory = DataDirectory.prepare(tmp_path)
    first, second = DirectoryLock(directory), DirectoryLock(directory)
    first.acquire()
    with pytest.raises(StackLocked, match=f"in use by process {os.getpid()}; stop it, or choose another --data-dir"):
        second.acquire()
    first.release()
    second.acquire()
    second.release()
