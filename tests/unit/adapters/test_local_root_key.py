from __future__ import annotations

import secrets

import pytest

from core.adapters.local_root_key import LocalRootKey
from core.ports import KeyUnavailable


async def test_wrapping_twice_gives_different_bytes_that_both_open():
    vault = LocalRootKey(secrets.token_bytes(32))
    one, two = await vault.wrap(b"secret", b"context"), await vault.wrap(b"secret", b"context")
    assert one != two
    assert {await vault.unwrap(one, b"context", vault.key_id), await vault.unwrap(two, b"context", vault.key_id)} == {
        b"secret"
    }


@pytest.mark.parametrize("wrapped", [b"", b"short", None])
async def test_a_wrong_context_or_damage_is_refused(wrapped):
    vault = LocalRootKey(secrets.token_bytes(32))
    given = await vault.wrap(b"secret", b"one") if wrapped is None else wrapped
    with pytest.raises(KeyUnavailable):
        await vault.unwrap(given, b"two", vault.key_id)


async def test_what_another_root_key_wrapped_is_refused_by_name():
    vault, other = LocalRootKey(secrets.token_bytes(32)), LocalRootKey(secrets.token_bytes(32))
    with pytest.raises(KeyUnavailable, match=other.key_id):
        await vault.unwrap(await other.wrap(b"secret", b"one"), b"one", other.key_id)


def test_the_key_id_tells_keys_apart_without_telling_the_key(tmp_path):
    key = secrets.token_bytes(32)
    (tmp_path / "root.hex").write_text(key.hex() + "\n")
    vault = LocalRootKey.from_file(tmp_path / "root.hex")
    assert vault.key_id == LocalRootKey(key).key_id != LocalRootKey(secrets.token_bytes(32)).key_id
    assert key.hex()[:8] not in vault.key_id


@pytest.mark.parametrize("content", [None, "", "00" * 31, "zz" * 32, "schlüssel"])
def test_a_bad_key_file_is_refused_without_quoting_it(tmp_path, content):
    path = tmp_path / "root.hex"
    if content is not None:
        path.write_text(content)
    with pytest.raises(KeyUnavailable) as caught:
        LocalRootKey.from_file(path)
    assert caught.value.__cause__ is None
    assert not content or content not in str(caught.value)
