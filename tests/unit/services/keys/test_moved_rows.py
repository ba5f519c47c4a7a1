"""A wrapped key opens in its own row only; rows of the first binding still open in theirs."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.adapters.local_root_key import LocalRootKey
from core.domain.drm.associated_data import content_key_binding, tenant_key_binding
from core.domain.drm.key_records import (
    FIRST_BINDING,
    FIRST_WRAP_ALGORITHM,
    WRAP_ALGORITHM,
    ContentKeyRecord,
    KeyState,
    TenantKeyRecord,
)
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.ports import KeyUnavailable
from core.services.keys.envelope import new_tenant_key, open_content_key, open_tenant_key, seal, unseal

TENANT_KEY = secrets.token_bytes(32)
KEY = secrets.token_bytes(16)
NONCE = bytes(12)
EMPTY = ContentKeyRecord(
    kid=uuid.uuid4().hex,
    organisation_id=uuid.uuid4().hex,
    video_id=uuid.uuid4().hex,
    version=1,
    label=KeyLabel.HD,
    scheme=ProtectionScheme.CBCS,
    wrapped_key=b"",
    tenant_key_id=uuid.uuid4().hex,
    iv=bytes(16),
)
MOVES = {
    "tenant": {"organisation_id": uuid.uuid4().hex},
    "kid": {"kid": uuid.uuid4().hex},
    "tenant key": {"tenant_key_id": uuid.uuid4().hex},
    "video": {"video_id": uuid.uuid4().hex},
    "version": {"version": 2},
    "label": {"label": KeyLabel.UHD},
    "iv": {"iv": b"x" * 16},
    "binding": {"wrap_alg": FIRST_WRAP_ALGORITHM},
}


def first_bound(record: ContentKeyRecord) -> ContentKeyRecord:
    """As the release before wrapped: the same cipher over fewer names."""
    record = replace(record, wrap_alg=FIRST_WRAP_ALGORITHM)
    parts = (record.organisation_id, record.kid, record.tenant_key_id, "content-key")
    bound = b"".join(len(part).to_bytes(4, "big") + part.encode() for part in parts)
    return replace(record, wrapped_key=NONCE + AESGCM(TENANT_KEY).encrypt(NONCE, KEY, bound))


def test_a_sealed_key_opens_in_its_row():
    record = seal(TENANT_KEY, EMPTY, KEY, NONCE)
    assert open_content_key(TENANT_KEY, record).key == KEY
    assert record.wrap_alg == WRAP_ALGORITHM


@pytest.mark.parametrize("move", MOVES.values(), ids=MOVES)
def test_a_moved_content_key_does_not_open(move):
    with pytest.raises(KeyUnavailable):
        open_content_key(TENANT_KEY, replace(seal(TENANT_KEY, EMPTY, KEY, NONCE), **move))


def test_a_key_of_the_first_binding_opens_and_is_sealed_anew_with_the_second():
    old = first_bound(EMPTY)
    assert open_content_key(TENANT_KEY, old).key == KEY
    assert unseal(TENANT_KEY, seal(TENANT_KEY, old, KEY, NONCE)) == KEY


@pytest.mark.parametrize("move", ["tenant", "kid", "tenant key"])
def test_a_moved_key_of_the_first_binding_does_not_open(move):
    with pytest.raises(KeyUnavailable):
        open_content_key(TENANT_KEY, replace(first_bound(EMPTY), **MOVES[move]))


def test_a_key_of_the_first_binding_cannot_pass_for_one_of_the_second():
    with pytest.raises(KeyUnavailable):
        open_content_key(TENANT_KEY, replace(first_bound(EMPTY), wrap_alg=WRAP_ALGORITHM))


@pytest.mark.parametrize("state", [KeyState.REVOKED, KeyState.DESTROYED])
def test_a_key_out_of_use_is_not_opened_for_use(state):
    with pytest.raises(KeyUnavailable, match=state):
        open_content_key(TENANT_KEY, replace(seal(TENANT_KEY, EMPTY, KEY, NONCE), state=state))


async def new_key(vault: LocalRootKey) -> TenantKeyRecord:
    return await new_tenant_key(vault, EMPTY.organisation_id, 1)


@pytest.mark.parametrize(
    "move",
    [
        {"organisation_id": uuid.uuid4().hex},
        {"id": uuid.uuid4().hex},
        {"version": 2},
        {"binding": FIRST_BINDING},
        {"root_key_id": "another"},
        {"state": KeyState.DESTROYED},
    ],
    ids=lambda move: next(iter(move)),
)
async def test_a_moved_tenant_key_does_not_open(move):
    vault = LocalRootKey(secrets.token_bytes(32))
    record = await new_key(vault)
    assert len(await open_tenant_key(vault, record)) == 32
    with pytest.raises(KeyUnavailable):
        await open_tenant_key(vault, replace(record, **move))


async def test_a_tenant_key_of_the_first_binding_opens():
    vault = LocalRootKey(secrets.token_bytes(32))
    record = replace(await new_key(vault), binding=FIRST_BINDING)
    bound = b"".join(
        len(part).to_bytes(4, "big") + part.encode() for part in (record.organisation_id, record.id, "tenant-key")
    )
    assert await open_tenant_key(vault, replace(record, wrapped_key=await vault.wrap(TENANT_KEY, bound))) == TENANT_KEY


async def test_a_key_does_not_open_for_the_other_purpose():
    """Even with ids and wrapping key the same, a content key cannot be taken for a tenant key, nor the reverse."""
    vault = LocalRootKey(TENANT_KEY)
    tenant = TenantKeyRecord(EMPTY.kid, EMPTY.organisation_id, 1, b"", vault.key_id)
    content = seal(TENANT_KEY, EMPTY, KEY, NONCE)
    with pytest.raises(KeyUnavailable):
        await open_tenant_key(vault, replace(tenant, wrapped_key=content.wrapped_key))
    wrapped = await vault.wrap(KEY, tenant_key_binding(tenant))
    with pytest.raises(KeyUnavailable):
        unseal(TENANT_KEY, replace(content, wrapped_key=wrapped))
    assert content_key_binding(content) != tenant_key_binding(tenant)
