from __future__ import annotations

import os
from pathlib import Path

import pytest

from cli.failures import CommandFailed
from cli.tls import Certificate, certificate_of
from core.settings import Settings
from tests.fixtures.alias_site import Authority


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    Authority.new().issue(chain, key)
    return chain, key


def touched(*paths: Path) -> None:
    """As if a while had gone by: a file system may count times coarsely."""
    for path in paths:
        later = path.stat().st_mtime_ns + 10**9
        os.utime(path, ns=(later, later))


def test_a_renewal_is_noticed_once_and_taken_when_chain_and_key_fit(files: tuple[Path, Path], tmp_path: Path) -> None:
    chain, key = files
    certificate = Certificate(chain, key)
    assert not certificate.reload_if_renewed()
    new_chain, new_key = tmp_path / "new-chain.pem", tmp_path / "new-key.pem"
    Authority.new().issue(new_chain, new_key)
    chain.write_bytes(new_chain.read_bytes())
    touched(chain)
    assert not certificate.reload_if_renewed(), "the old key does not fit"
    key.write_bytes(new_key.read_bytes())
    touched(key)
    assert certificate.reload_if_renewed()
    assert not certificate.reload_if_renewed()
    key.unlink()
    assert not certificate.reload_if_renewed()


def test_what_cannot_be_served_is_said_at_once(files: tuple[Path, Path], tmp_path: Path) -> None:
    chain, key = files
    for wrong in (chain, tmp_path / "none.pem"):
        with pytest.raises(CommandFailed, match=r"chain\.pem cannot be used"):
            Certificate(chain, wrong)
    assert key.read_bytes()


def test_tls_takes_both_files_or_none(files: tuple[Path, Path]) -> None:
    chain, key = files
    assert certificate_of(Settings()) is None
    assert certificate_of(Settings(tls_certificate=chain, tls_key=key)) is not None
    with pytest.raises(ValueError, match="both"):
        Settings(tls_certificate=chain)
