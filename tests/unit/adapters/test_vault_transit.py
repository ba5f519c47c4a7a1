"""Against a double that is strict about Vault's API; no real Vault takes part."""

from __future__ import annotations

import asyncio
import base64
import secrets
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.adapters.vault_transit import VaultLogin, VaultTransit
from core.ports import KeyServiceUnavailable, KeyUnavailable
from tests.fixtures.loopback import loopback
from tests.fixtures.vault_double import VaultDouble

KEY = secrets.token_bytes(32)


@pytest.fixture
def double() -> Iterator[VaultDouble]:
    vault = VaultDouble()
    yield vault
    assert vault.faults == []


@pytest.fixture
def address(double: VaultDouble) -> Iterator[str]:
    with loopback(double.answer) as url:
        yield url


@pytest.fixture
def token_file(double: VaultDouble, tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text(next(iter(double.tokens)) + "\n")
    return path


@pytest.fixture
def vault(address: str, token_file: Path) -> VaultTransit:
    return VaultTransit(address, "sealcast", VaultLogin(token_file=token_file))


async def test_a_key_comes_back_with_its_context_only(vault: VaultTransit) -> None:
    wrapped = await vault.wrap(KEY, b"tenant \x00 one")
    assert wrapped.startswith(b"vault:v1:")
    assert KEY not in wrapped
    assert await vault.unwrap(wrapped, b"tenant \x00 one", vault.key_id) == KEY
    for wrong in (b"tenant two", b"", b"tenant \x00 one?"):
        with pytest.raises(KeyUnavailable) as caught:
            await vault.unwrap(wrapped, wrong, vault.key_id)
        assert not isinstance(caught.value, KeyServiceUnavailable)


@pytest.mark.parametrize(
    "wrapped", [b"", b"vault:v1:", b"vault:v2:AAAA", b"\xff\xfe", b"local bytes", b"vault:v1:AAAA" * 99]
)
async def test_what_vault_did_not_wrap_does_not_open(vault: VaultTransit, wrapped: bytes) -> None:
    with pytest.raises(KeyUnavailable):
        await vault.unwrap(wrapped, b"x", vault.key_id)


async def test_another_root_keys_work_is_not_even_sent(vault: VaultTransit, double: VaultDouble) -> None:
    with pytest.raises(KeyUnavailable, match="vault:transit/old"):
        await vault.unwrap(b"vault:v1:AAAA", b"x", "vault:transit/old")
    assert double.asked == []


async def test_what_was_wrapped_before_a_rotation_inside_vault_still_opens(
    vault: VaultTransit, double: VaultDouble
) -> None:
    before = await vault.wrap(KEY, b"x")
    double.keys["sealcast"].append(secrets.token_bytes(32))
    after = await vault.wrap(KEY, b"x")
    assert after.startswith(b"vault:v2:")
    assert await vault.unwrap(before, b"x", vault.key_id) == await vault.unwrap(after, b"x", vault.key_id) == KEY


async def test_a_vault_that_ignores_the_context_is_refused(vault: VaultTransit, double: VaultDouble) -> None:
    double.old = True
    with pytest.raises(KeyUnavailable, match="does not bind"):
        await vault.wrap(KEY, b"x")


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_an_outage_is_worth_another_try(vault: VaultTransit, double: VaultDouble, status: int) -> None:
    wrapped = await vault.wrap(KEY, b"x")
    double.down = status
    with pytest.raises(KeyServiceUnavailable):
        await vault.unwrap(wrapped, b"x", vault.key_id)
    double.down = None
    assert await vault.unwrap(wrapped, b"x", vault.key_id) == KEY


async def test_nobody_listening_is_an_outage(token_file: Path) -> None:
    vault = VaultTransit("http://127.0.0.1:9", "sealcast", VaultLogin(token_file=token_file))
    with pytest.raises(KeyServiceUnavailable, match=r"127\.0\.0\.1:9"):
        await vault.wrap(KEY, b"x")


async def test_a_token_that_ran_out_is_read_again(vault: VaultTransit, double: VaultDouble, token_file: Path) -> None:
    wrapped = await vault.wrap(KEY, b"x")
    double.tokens = {"renewed"}
    with pytest.raises(KeyServiceUnavailable, match="Forbidden"):
        await vault.unwrap(wrapped, b"x", vault.key_id)
    token_file.write_text("renewed")
    assert await vault.unwrap(wrapped, b"x", vault.key_id) == KEY


async def test_an_approle_logs_in_once_and_again_when_its_token_ran_out(
    address: str, double: VaultDouble, tmp_path: Path
) -> None:
    (tmp_path / "secret-id").write_text(double.role[1] + "\n")
    login = VaultLogin(role_id=double.role[0], secret_id_file=tmp_path / "secret-id")
    vault = VaultTransit(address, "sealcast", login)
    wrapped = await vault.wrap(KEY, b"x")
    await asyncio.gather(*(vault.unwrap(wrapped, b"x", vault.key_id) for _ in range(5)))
    assert double.logins == 1
    double.tokens.clear()
    await asyncio.gather(*(vault.unwrap(wrapped, b"x", vault.key_id) for _ in range(5)))
    assert double.logins == 2
    (tmp_path / "secret-id").write_text("withdrawn")
    double.tokens.clear()
    with pytest.raises(KeyServiceUnavailable, match="AppRole"):
        await vault.unwrap(wrapped, b"x", vault.key_id)


async def test_no_credential_is_quoted(address: str, double: VaultDouble, tmp_path: Path) -> None:
    missing = VaultTransit(address, "sealcast", VaultLogin(token_file=tmp_path / "none"))
    with pytest.raises(KeyServiceUnavailable, match="FileNotFoundError"):
        await missing.wrap(KEY, b"x")
    (tmp_path / "token").write_text("s.not-a-token")
    refused = VaultTransit(address, "sealcast", VaultLogin(token_file=tmp_path / "token"))
    with pytest.raises(KeyServiceUnavailable) as caught:
        await refused.wrap(KEY, b"x")
    shown = "".join(traceback.format_exception(caught.value))
    assert "s.not-a-token" not in shown
    assert base64.b64encode(KEY).decode() not in shown


async def test_the_namespace_goes_along(address: str, double: VaultDouble, token_file: Path) -> None:
    double.namespace = "media/drm"
    login = VaultLogin(token_file=token_file)
    vault = VaultTransit(address, "sealcast", login, namespace="media/drm")
    assert await vault.unwrap(await vault.wrap(KEY, b"x"), b"x", vault.key_id) == KEY
    with pytest.raises(KeyServiceUnavailable, match="InvalidPath"):
        await VaultTransit(address, "sealcast", login).wrap(KEY, b"x")


async def test_an_unknown_key_is_refused(address: str, token_file: Path) -> None:
    with pytest.raises(KeyUnavailable):
        await VaultTransit(address, "nobodys", VaultLogin(token_file=token_file)).wrap(KEY, b"x")
