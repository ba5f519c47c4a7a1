"""What a wrapped key is bound to, so that a row copied to another tenant, key id, version or purpose does not open.

Rows tell which binding they were made with, and rows of the first one still open. A row that claims another binding
than its own does not open either: the second names itself in what is bound.
"""

from __future__ import annotations

from core.domain.drm.external_key import ExternalKeyRecord
from core.domain.drm.key_records import FIRST_BINDING, FIRST_WRAP_ALGORITHM, ContentKeyRecord, TenantKeyRecord

CONTENT_KEY = "content-key"
TENANT_KEY = "tenant-key"
EXTERNAL_KEY = "external-content-key"
SIGNER_KEY = "signer-key"
WEBHOOK_SECRET = "webhook-secret"  # noqa: S105 - the name of a purpose
SSO_SECRET = "sso-client-secret"  # noqa: S105 - a name
TOTP_SECRET = "totp-secret"  # noqa: S105 - a name


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
    # Rows from before there were crypto periods are those of the first, and must open.
    period = (str(record.crypto_period),) if record.crypto_period else ()
    return _length_prefixed(*first, *place, *use, record.wrap_alg, *period)


def tenant_key_binding(record: TenantKeyRecord) -> bytes:
    """Context of a tenant key under the root key."""
    first = (record.organisation_id, record.id, TENANT_KEY)
    if record.binding == FIRST_BINDING:
        return _length_prefixed(*first)
    return _length_prefixed(*first, str(record.version), str(record.binding))


def external_key_binding(record: ExternalKeyRecord) -> bytes:
    """Associated data of an external packager's key under its tenant key, to its content and IV among other things."""
    whose = (record.organisation_id, record.kid, record.tenant_key_id, EXTERNAL_KEY)
    return _length_prefixed(*whose, record.content_id.hex(), record.iv.hex(), record.wrap_alg)


def signer_binding(organisation_id: str, signer_id: str, tenant_key_id: str) -> bytes:
    """Associated data of a key server client's signing key under its tenant key."""
    return _length_prefixed(organisation_id, signer_id, tenant_key_id, SIGNER_KEY)


def webhook_secret_binding(organisation_id: str, endpoint_id: str, secret_id: str, tenant_key_id: str) -> bytes:
    """Associated data of what an endpoint's messages are signed with under its tenant key."""
    return _length_prefixed(organisation_id, endpoint_id, secret_id, tenant_key_id, WEBHOOK_SECRET)


def totp_binding(organisation_id: str, user_id: str, tenant_key_id: str) -> bytes:
    """Associated data of a member's authenticator secret under its tenant key."""
    return _length_prefixed(organisation_id, user_id, tenant_key_id, TOTP_SECRET)


def sso_binding(organisation_id: str, tenant_key_id: str) -> bytes:
    """Associated data of the client secret of an organisation's single sign-on under its tenant key."""
    return _length_prefixed(organisation_id, tenant_key_id, SSO_SECRET)
