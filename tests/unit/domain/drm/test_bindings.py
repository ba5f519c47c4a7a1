from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.drm.associated_data import content_key_binding, tenant_key_binding
from core.domain.drm.content_key import ContentKey
from core.domain.drm.key_records import FIRST_BINDING, FIRST_WRAP_ALGORITHM, ContentKeyRecord, TenantKeyRecord
from core.domain.drm.systems import DrmSystem, signalled_systems, systems_with_pssh
from core.domain.media.plan import KeyLabel, ProtectionScheme

CONTENT = ContentKeyRecord("c", "ab", "v", 1, KeyLabel.HD, ProtectionScheme.CENC, b"", "d")
TENANT = TenantKeyRecord("c", "ab", 1, b"", "root")


def test_bindings_of_different_parts_never_coincide():
    made = {
        *(
            content_key_binding(replace(CONTENT, **change))
            for first in ({}, {"wrap_alg": FIRST_WRAP_ALGORITHM})
            for change in (
                first,
                first | {"organisation_id": "a", "kid": "bc"},
                first | {"kid": "cd", "tenant_key_id": ""},
                first | {"organisation_id": "", "kid": "abc"},
            )
        ),
        *(
            tenant_key_binding(replace(TENANT, **change))
            for first in ({}, {"binding": FIRST_BINDING})
            for change in (first, first | {"organisation_id": "a", "id": "bc"})
        ),
    }
    assert len(made) == 12


@pytest.mark.parametrize(
    "change",
    [
        {"organisation_id": "other"},
        {"kid": "other"},
        {"video_id": "other"},
        {"version": 2},
        {"label": KeyLabel.SD},
        {"scheme": ProtectionScheme.CBCS},
        {"iv": bytes(16)},
        {"tenant_key_id": "other"},
        {"crypto_period": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_content_key_is_bound_to_its_whole_row(change):
    assert content_key_binding(replace(CONTENT, **change)) != content_key_binding(CONTENT)


@pytest.mark.parametrize("change", [{"organisation_id": "other"}, {"id": "other"}, {"version": 2}])
def test_a_tenant_key_is_bound_to_tenant_id_and_version(change):
    assert tenant_key_binding(replace(TENANT, **change)) != tenant_key_binding(TENANT)


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
