"""Make somebody known to the Widevine key server: by a secret that we share, or by a public key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from core.db.models import KeySigner
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.associated_data import signer_binding
from core.domain.drm.request_signature import AES_IV_BYTES, AES_KEY_BYTES, rsa_public_key
from core.domain.errors import Conflict
from core.ports import RootKeyVault
from core.services.key_server.sealing import seal
from core.services.keys.envelope import active_tenant_key


@dataclass(frozen=True)
class AddedSigner:
    """`secret` of an "aes" signer, 32 bytes of key and 16 of IV, is shown this once."""

    signer: KeySigner
    secret: bytes | None = field(default=None, repr=False)


async def add_aes_signer(
    uow: UnitOfWork, vault: RootKeyVault, organisation_id: str, name: str, now: datetime
) -> AddedSigner:
    """Raises Conflict (SIGNER_EXISTS), KeyUnavailable. The caller commits."""
    secret, signer_id = secrets.token_bytes(AES_KEY_BYTES + AES_IV_BYTES), uuid4().hex
    tenant, tenant_key = await active_tenant_key(uow.keys, vault, organisation_id)
    signer = KeySigner(
        id=signer_id,
        organisation_id=organisation_id,
        name=name,
        kind="aes",
        wrapped_key=seal(tenant_key, secret, signer_binding(organisation_id, signer_id, tenant.id)),
        tenant_key_id=tenant.id,
        created_at=now,
    )
    return AddedSigner(await _added(uow, signer), secret)


async def add_rsa_signer(
    uow: UnitOfWork, organisation_id: str, name: str, public_key_pem: str, now: datetime
) -> AddedSigner:
    """Raises InvalidInput, Conflict (SIGNER_EXISTS). The caller commits."""
    key = rsa_public_key(public_key_pem)
    signer = KeySigner(
        id=uuid4().hex,
        organisation_id=organisation_id,
        name=name,
        kind="rsa",
        public_key=key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        created_at=now,
    )
    return AddedSigner(await _added(uow, signer))


async def _added(uow: UnitOfWork, signer: KeySigner) -> KeySigner:
    if not await uow.key_signers.add(signer):
        raise Conflict("There is a signer of this name already.", code="SIGNER_EXISTS", fields={"name": "taken"})
    return signer
