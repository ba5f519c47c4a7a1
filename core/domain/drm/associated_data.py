"""What a wrapped key is bound to, so that a row copied to another tenant, key id, version or purpose does not open.

Rows tell which binding they were made with, and rows of the first one still open. A row that claims another binding
than its own does not open either: the second names itself in what is bound.
"""

from __future__ import annotations

from core.domain.drm.key_records import FIRST_BINDING, FIRST_WRAP_ALGORITHM, ContentKeyRecord, TenantKeyRecord

CONTENT_KEY = "content-key"
TENANT_KEY = "tenant-key"


def _length_prefixed(*parts: str) -> bytes:
    """Each part behind its length (4 bytes, big-endian): ("ab", "c") and ("a", "bc") must differ."""
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def content_key_binding(record: ContentKeyRecord) -> bytes:
    """Associated data of a content key under its tenant key. `wrapped_key` and `state` are not part of it."""
    first = (record.organisation_id, record.kid, record.tenant_key_id, CONTENT_KEY)
    if record.wrap_alg == FIRST_WRAP_ALGORITHM:
        return _length_prefixed(*first)
    place = (record.video_id, str(record.version), record.label.value)
    use = (record.scheme.value, record.iv.hex() if record.iv else "")
    return _length_prefixed(*first, *place, *use, record.wrap_alg)


def tenant_key_binding(record: TenantKeyRecord) -> bytes:
    """Context of a tenant key under the root key."""
    first = (record.organisation_id, record.id, TENANT_KEY)
    if record.binding == FIRST_BINDING:
        return _length_prefixed(*first)
    return _length_prefixed(*first, str(record.version), str(record.binding))
