from __future__ import annotations

import asyncio
import base64
import logging
import secrets
import uuid
from dataclasses import replace

import pytest

from core.adapters.local_root_key import LocalRootKey
from core.contracts.version_ref import VersionRef
from core.domain.drm.key_records import KeyState
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.ports import KeyUnavailable
from core.services.keys.destroy_content_keys import destroy_content_keys
from core.services.keys.issue_content_keys import issue_content_keys
from core.services.keys.reader import ContentKeyReader
from core.services.keys.unwrap_content_keys import unwrap_content_keys
from tests.fixtures.key_store import TEST_USE, MemoryKeyStore

LABELS = (KeyLabel.AUDIO, KeyLabel.SD, KeyLabel.HD)
TARGET = VersionRef(uuid.uuid4().hex, uuid.uuid4().hex, 1)
OTHER_TENANT = VersionRef(uuid.uuid4().hex, uuid.uuid4().hex, 1)


@pytest.fixture
def store() -> MemoryKeyStore:
    return MemoryKeyStore()


@pytest.fixture
def vault() -> LocalRootKey:
    return LocalRootKey(secrets.token_bytes(32))


async def issue(store, vault, target=TARGET, scheme=ProtectionScheme.CBCS, labels=LABELS):
    return await issue_content_keys(store, vault, target, labels, scheme)


async def test_issued_keys_come_back_by_label_and_differ(store, vault):
    kids = await issue(store, vault)
    keys = await unwrap_content_keys(store, vault, TARGET, TEST_USE)
    assert tuple(keys[label].kid for label in LABELS) == kids
    assert len({key.key for key in keys.values()}) == len({key.iv for key in keys.values()}) == 3
    assert all(uuid.UUID(kid).version == 4 for kid in kids)


async def test_issuing_again_changes_nothing(store, vault):
    first = await issue(store, vault)
    rows = list(store.rows)
    assert await issue(store, vault) == first
    assert store.rows == rows


async def test_issuing_for_a_further_label_keeps_the_keys_that_are_there(store, vault):
    first = await issue(store, vault, labels=LABELS[:1])
    assert (await issue(store, vault))[0] == first[0]


async def test_two_issuers_at_once_agree_on_one_set_of_keys(store, vault):
    one, two = await asyncio.gather(issue(store, vault), issue(store, vault))
    assert one == two
    assert len(store.rows) == 3
    assert len(store.tenant_keys) == 1


async def test_each_crypto_period_has_keys_of_its_own(store, vault):
    async def again():
        return await issue_content_keys(store, vault, TARGET, LABELS, ProtectionScheme.CBCS, periods=3)

    kids = await again()
    assert await again() == kids
    keys = await unwrap_content_keys(store, vault, TARGET, TEST_USE)
    assert [[key.kid for key in keys[label].periods] for label in LABELS] == [list(kids[n::3]) for n in range(3)]
    of_all = [key for first in keys.values() for key in first.periods]
    assert len({key.key for key in of_all}) == len({key.iv for key in of_all}) == 9
    assert set(store.uses[-1][1]) == set(kids)
    assert await destroy_content_keys(store, TARGET) == 9


async def test_a_key_that_was_moved_to_another_period_does_not_open(store, vault):
    await issue_content_keys(store, vault, TARGET, LABELS[:1], ProtectionScheme.CENC, periods=2)
    first, second = store.rows
    store.rows = [replace(first, crypto_period=1), replace(second, crypto_period=0)]
    with pytest.raises(KeyUnavailable):
        await unwrap_content_keys(store, vault, TARGET, TEST_USE)


async def test_keys_of_a_period_that_are_missing_stop_everything(store, vault):
    await issue_content_keys(store, vault, TARGET, LABELS[:1], ProtectionScheme.CENC, periods=3)
    del store.rows[1]
    with pytest.raises(KeyUnavailable, match="crypto period"):
        await unwrap_content_keys(store, vault, TARGET, TEST_USE)


async def test_a_key_service_is_not_asked_for_crypto_periods(store, vault):
    class Source:
        async def fetch(self, *_: object) -> dict[KeyLabel, object]:
            raise AssertionError("it would give one key a label")

    with pytest.raises(KeyUnavailable, match="crypto periods"):
        await issue_content_keys(store, vault, TARGET, LABELS, ProtectionScheme.CENC, source=Source(), periods=2)
    assert store.rows == []


async def test_cenc_keys_have_no_constant_iv(store, vault):
    await issue(store, vault, scheme=ProtectionScheme.CENC)
    keys = await unwrap_content_keys(store, vault, TARGET, TEST_USE)
    assert [key.iv for key in keys.values()] == [None] * 3


async def test_each_tenant_has_a_key_of_its_own(store, vault):
    await issue(store, vault)
    await issue(store, vault, OTHER_TENANT)
    assert len({key.organisation_id for key in store.tenant_keys}) == 2


async def test_a_row_copied_to_another_tenant_does_not_open(store, vault):
    await issue(store, vault)
    stolen = replace(store.rows[0], organisation_id=OTHER_TENANT.organisation_id, video_id=OTHER_TENANT.video_id)
    await issue(store, vault, OTHER_TENANT)
    store.rows = [replace(stolen, tenant_key_id=store.tenant_keys[1].id)]
    with pytest.raises(KeyUnavailable):
        await unwrap_content_keys(store, vault, OTHER_TENANT, TEST_USE)


@pytest.mark.parametrize("change", ["kid", "wrapped_key", "wrap_alg", "tenant_key_id"])
async def test_a_tampered_row_does_not_open(store, vault, change):
    await issue(store, vault)
    row = store.rows[0]
    wrong = {
        "kid": uuid.uuid4().hex,
        "wrapped_key": row.wrapped_key[:-1] + bytes([row.wrapped_key[-1] ^ 1]),
        "wrap_alg": "none",
        "tenant_key_id": uuid.uuid4().hex,
    }
    store.rows[0] = replace(row, **{change: wrong[change]})
    with pytest.raises(KeyUnavailable):
        await unwrap_content_keys(store, vault, TARGET, TEST_USE)


async def test_another_root_key_opens_nothing(store, vault):
    await issue(store, vault)
    with pytest.raises(KeyUnavailable):
        await unwrap_content_keys(store, LocalRootKey(secrets.token_bytes(32)), TARGET, TEST_USE)


async def test_destroyed_keys_are_gone_and_are_not_made_again(store, vault):
    await issue(store, vault)
    assert await destroy_content_keys(store, TARGET) == 3
    assert await destroy_content_keys(store, TARGET) == 0
    assert {(row.wrapped_key, row.state) for row in store.rows} == {(b"", KeyState.DESTROYED)}
    with pytest.raises(KeyUnavailable):
        await unwrap_content_keys(store, vault, TARGET, TEST_USE)
    with pytest.raises(KeyUnavailable):
        await issue(store, vault)


async def test_a_version_without_keys_fails_closed(store, vault):
    with pytest.raises(KeyUnavailable):
        await unwrap_content_keys(store, vault, TARGET, TEST_USE)


async def test_asking_for_another_scheme_than_issued_fails(store, vault):
    await issue(store, vault)
    with pytest.raises(KeyUnavailable):
        await issue(store, vault, scheme=ProtectionScheme.CENC)


async def test_the_reader_hands_out_keys_once_the_audit_has_them(store, vault):
    kids = await issue(store, vault)
    keys = await ContentKeyReader(store.unit_of_work, vault, TEST_USE).read(TARGET)
    assert {key.kid for key in keys.values()} == set(kids)
    assert [(use, set(opened)) for use, opened in store.uses] == [(TEST_USE, set(kids))]
    assert store.committed == 1


async def test_no_representation_shows_key_bytes(store, vault, caplog):
    await issue(store, vault)
    keys = await unwrap_content_keys(store, vault, TARGET, TEST_USE)
    logging.getLogger("keys").info("%r %s %r", keys, store.rows, store.tenant_keys)
    for key in keys.values():
        for form in (key.key.hex(), base64.b64encode(key.key).decode(), repr(key.key), key.iv.hex(), repr(key.iv)):
            assert form not in caplog.text
    assert keys[KeyLabel.HD].kid in caplog.text


async def test_the_store_holds_no_key_in_the_clear(store, vault):
    await issue(store, vault)
    keys = await unwrap_content_keys(store, vault, TARGET, TEST_USE)
    stored = b"".join(row.wrapped_key for row in [*store.rows, *store.tenant_keys])
    assert not any(key.key in stored for key in keys.values())
