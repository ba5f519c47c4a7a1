from __future__ import annotations

import pytest

from core.domain.drm.associated_data import content_key_binding, tenant_key_binding
from core.domain.drm.content_key import ContentKey
from core.domain.drm.systems import DrmSystem, signalled_systems, systems_with_pssh
from core.domain.media.plan import KeyLabel, ProtectionScheme


def test_bindings_of_different_parts_never_coincide():
    made = {
        content_key_binding("ab", "c", "d"),
        content_key_binding("a", "bc", "d"),
        content_key_binding("ab", "cd", ""),
        content_key_binding("", "abc", "d"),
        tenant_key_binding("ab", "c"),
        tenant_key_binding("a", "bc"),
    }
    assert len(made) == 6


@pytest.mark.parametrize(
    ("scheme", "kid", "key", "iv"),
    [
        (ProtectionScheme.CBCS, "00" * 16, bytes(16), None),
        (ProtectionScheme.CBCS, "00" * 16, bytes(16), bytes(8)),
        (ProtectionScheme.CENC, "00" * 16, bytes(16), bytes(16)),
        (ProtectionScheme.CENC, "00" * 15, bytes(16), None),
        (ProtectionScheme.CENC, "00" * 16, bytes(32), None),
    ],
)
def test_a_key_that_no_player_could_use_is_refused(scheme, kid, key, iv):
    with pytest.raises(ValueError, match="label HD"):
        ContentKey(kid, KeyLabel.HD, scheme, key, iv)


def test_a_key_shows_its_kid_but_not_its_bytes():
    key = ContentKey("ab" * 16, KeyLabel.HD, ProtectionScheme.CBCS, b"0123456789abcdef", b"fedcba9876543210")
    assert "ab" * 16 in repr(key)
    assert "0123456789abcdef" not in f"{key!r}{key}"
    assert "fedcba9876543210" not in f"{key!r}{key}"


def test_fairplay_is_signalled_for_cbcs_only_and_never_by_pssh():
    assert DrmSystem.FAIRPLAY in signalled_systems(ProtectionScheme.CBCS)
    assert DrmSystem.FAIRPLAY not in signalled_systems(ProtectionScheme.CENC)
    assert {len(systems_with_pssh(scheme)) for scheme in (ProtectionScheme.CBCS, ProtectionScheme.CENC)} == {3}
    assert signalled_systems(ProtectionScheme.AES128) == ()
