"""Find out who signed a request to the Widevine key server."""

from __future__ import annotations

from core.db.models import KeySigner
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.associated_data import signer_binding
from core.domain.drm.request_signature import AES_KEY_BYTES, aes_signature_matches, rsa_signature_matches
from core.ports import KeyUnavailable, RootKeyVault
from core.services.key_server.sealing import unseal
from core.services.key_server.widevine_request import SignedRequest, WidevineRefused
from core.services.keys.envelope import open_tenant_key


async def verify_signer(uow: UnitOfWork, vault: RootKeyVault, organisation_id: str, signed: SignedRequest) -> KeySigner:
    """Raises WidevineRefused, with the same words for an unknown, a foreign, a revoked signer and a wrong signature."""
    signer = await uow.key_signers.by_name(organisation_id, signed.signer)
    if signer is None or signer.revoked_at is not None or not await _matches(uow, vault, signer, signed):
        raise WidevineRefused("The signature is not one of a signer we know.", code="SIGNATURE_FAILED")
    return signer


async def _matches(uow: UnitOfWork, vault: RootKeyVault, signer: KeySigner, signed: SignedRequest) -> bool:
    if signer.public_key is not None:
        return rsa_signature_matches(signer.public_key, signed.request, signed.signature)
    secret = await _secret(uow, vault, signer)
    return aes_signature_matches(secret[:AES_KEY_BYTES], secret[AES_KEY_BYTES:], signed.request, signed.signature)


async def _secret(uow: UnitOfWork, vault: RootKeyVault, signer: KeySigner) -> bytes:
    """Signing key and IV of an "aes" signer."""
    if signer.wrapped_key is None or signer.tenant_key_id is None:
        raise KeyUnavailable(f"signer {signer.id} has no key")
    tenant = await uow.keys.tenant_key(signer.organisation_id, signer.tenant_key_id)
    if tenant is None:
        raise KeyUnavailable(f"organisation {signer.organisation_id} has no tenant key {signer.tenant_key_id}")
    binding = signer_binding(signer.organisation_id, signer.id, tenant.id)
    return unseal(await open_tenant_key(vault, tenant), signer.wrapped_key, binding)
