"""Which root keys the settings open, and the memory of tenant keys before a slow one."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import pytest

from core.adapters.local_root_key import LocalRootKey
from core.adapters.root_key import open_root_key
from core.adapters.root_keyring import RootKeyring
from core.adapters.tenant_key_cache import TenantKeyCache
from core.ports import KeyServiceUnavailable, KeyUnavailable
from core.settings import Settings

AWS = {"root_key_provider": "aws_kms", "aws_kms_key": "alias/sealcast", "aws_kms_region": "eu-central-1"}
VAULT = {"root_key_provider": "vault", "vault_address": "https://vault.test", "vault_transit_key": "sealcast"}


def key_file(folder: Path, name: str) -> Path:
    (folder / name).write_text(secrets.token_hex(32))
    return folder / name


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "SEALCAST_ROOT_KEY_FILE"),
        ({**VAULT}, "SEALCAST_VAULT_TOKEN_FILE"),
        ({**VAULT, "vault_role_id": "r"}, "SEALCAST_VAULT_SECRET_ID_FILE"),
        ({**VAULT, "vault_token_file": "t", "vault_address": None}, "SEALCAST_VAULT_ADDRESS"),
        ({**VAULT, "vault_token_file": "t", "vault_transit_key": ""}, "SEALCAST_VAULT_TRANSIT_KEY"),
        ({**AWS, "aws_kms_key": None}, "SEALCAST_AWS_KMS_KEY"),
        ({**AWS, "aws_kms_region": None}, "SEALCAST_AWS_KMS_REGION"),
        ({**AWS, "other_root_keys": ("pkcs11:slot",)}, "named pkcs11"),
        ({**AWS, "other_root_keys": ("file:",)}, "SEALCAST_OTHER_ROOT_KEYS"),
        ({**AWS, "other_root_keys": ("vault:old",)}, "SEALCAST_VAULT_TOKEN_FILE"),
    ],
)
def test_what_is_not_set_is_named_at_the_start(given: dict[str, object], named: str) -> None:
    with pytest.raises(KeyUnavailable, match=named):
        open_root_key(settings(**given))


def test_other_root_keys_are_a_json_list_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEALCAST_OTHER_ROOT_KEYS", '["vault:old", "aws_kms:alias/old"]')
    assert settings(**AWS).other_root_keys == ("vault:old", "aws_kms:alias/old")


def test_each_provider_opens_with_its_settings() -> None:
    assert open_root_key(settings(**AWS)).key_id == "aws-kms:alias/sealcast"
    vault = open_root_key(settings(**VAULT, vault_token_file="t", vault_transit_mount="video"))
    assert vault.key_id == "vault:video/sealcast"


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, "root_key_file"),
        (VAULT, "vault_token_file"),
        ({**AWS, "aws_kms_region": None}, "aws_kms_region"),
        ({**VAULT, "vault_token_file": "t", "vault_address": "http://vault.test"}, "https address"),
    ],
)
def test_production_refuses_a_provider_that_is_not_complete(given: dict[str, object], missing: str) -> None:
    others = {"s3_access_key": "a", "s3_secret_key": "b", "signing_key_file": "c"}
    with pytest.raises(ValueError, match=missing):
        settings(environment="production", **others, **given)


def test_production_takes_a_provider_that_is_complete() -> None:
    others = {"s3_access_key": "a", "s3_secret_key": "b", "signing_key_file": "c"}
    assert settings(environment="production", **others, **AWS).root_key_file is None


async def test_a_key_of_before_the_rotation_opens_while_the_new_one_wraps(tmp_path: Path) -> None:
    old, new = key_file(tmp_path, "old"), key_file(tmp_path, "new")
    before = open_root_key(settings(root_key_file=old))
    wrapped = await before.wrap(b"tenant", b"x")
    both = open_root_key(settings(root_key_file=new, other_root_keys=(f"file:{old}",)))
    assert await both.unwrap(wrapped, b"x", before.key_id) == b"tenant"
    assert both.key_id != before.key_id
    after = open_root_key(settings(root_key_file=new))
    assert await after.unwrap(await both.wrap(b"tenant", b"x"), b"x", after.key_id) == b"tenant"
    with pytest.raises(KeyUnavailable, match="is not known here"):
        await after.unwrap(wrapped, b"x", before.key_id)


class CountedVault:
    """Counts questions, and fails while `down`."""

    def __init__(self) -> None:
        self._vault = LocalRootKey(secrets.token_bytes(32))
        self.asked = 0
        self.down = False

    @property
    def key_id(self) -> str:
        return self._vault.key_id

    async def wrap(self, plaintext: bytes, context: bytes) -> bytes:
        return await self._vault.wrap(plaintext, context)

    async def unwrap(self, wrapped: bytes, context: bytes, key_id: str) -> bytes:
        self.asked += 1
        await asyncio.sleep(0)
        if self.down:
            raise KeyServiceUnavailable("the test switched it off")
        return await self._vault.unwrap(wrapped, context, key_id)


async def test_many_questions_at_once_and_after_each_other_are_asked_once() -> None:
    vault = CountedVault()
    cache = TenantKeyCache(RootKeyring(vault), seconds=60)
    wrapped = await cache.wrap(b"tenant", b"x")
    answers = await asyncio.gather(*(cache.unwrap(wrapped, b"x", vault.key_id) for _ in range(20)))
    assert {*answers, await cache.unwrap(wrapped, b"x", vault.key_id)} == {b"tenant"}
    assert vault.asked == 1


async def test_an_outage_is_bridged_for_what_is_known_and_never_remembered() -> None:
    vault = CountedVault()
    cache = TenantKeyCache(vault, seconds=60)
    known, other = await cache.wrap(b"tenant", b"x"), await cache.wrap(b"other", b"y")
    await cache.unwrap(known, b"x", vault.key_id)
    vault.down = True
    assert await cache.unwrap(known, b"x", vault.key_id) == b"tenant"
    for _ in range(2):
        with pytest.raises(KeyServiceUnavailable):
            await cache.unwrap(other, b"y", vault.key_id)
    vault.down = False
    assert await cache.unwrap(other, b"y", vault.key_id) == b"other"


async def test_a_key_is_forgotten_after_its_time() -> None:
    vault = CountedVault()
    cache = TenantKeyCache(vault, seconds=0.01)
    wrapped = await cache.wrap(b"tenant", b"x")
    await cache.unwrap(wrapped, b"x", vault.key_id)
    await asyncio.sleep(0.02)  # timers of one loop fire in their order: the cache's was set first and is shorter
    vault.down = True
    with pytest.raises(KeyServiceUnavailable):
        await cache.unwrap(wrapped, b"x", vault.key_id)


async def test_memory_is_bounded_and_a_changed_row_is_not_answered_from_it() -> None:
    vault = CountedVault()
    cache = TenantKeyCache(vault, seconds=60, most=2)
    rows = [await cache.wrap(bytes([n]), b"x") for n in range(3)]
    for row in rows:
        await cache.unwrap(row, b"x", vault.key_id)
    await cache.unwrap(rows[2], b"x", vault.key_id)
    assert (vault.asked, len(cache._answers)) == (3, 2)
    await cache.unwrap(rows[0], b"x", vault.key_id)
    assert vault.asked == 4
    with pytest.raises(KeyUnavailable):
        await cache.unwrap(rows[0], b"y", vault.key_id)


async def test_a_caller_who_goes_away_leaves_the_answer_to_the_others() -> None:
    vault = CountedVault()
    cache = TenantKeyCache(vault, seconds=60)
    wrapped = await cache.wrap(b"tenant", b"x")
    first = asyncio.create_task(cache.unwrap(wrapped, b"x", vault.key_id))
    await asyncio.sleep(0)
    second = asyncio.create_task(cache.unwrap(wrapped, b"x", vault.key_id))
    first.cancel()
    assert await second == b"tenant"
    assert first.cancelled() or first.done()
