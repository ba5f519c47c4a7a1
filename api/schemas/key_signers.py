"""Bodies of the routes for signers of the Widevine key server."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from api.schemas.text import Strict
from core.db.models import KeySigner
from core.domain.drm.request_signature import AES_KEY_BYTES
from core.services.key_server.add_signer import AddedSigner

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$", description="What the packager sends as `signer`.")]


class AesSignerIn(Strict):
    """We make the key."""

    kind: Literal["aes"]
    name: Name


class RsaSignerIn(Strict):
    """The packager keeps its private key."""

    kind: Literal["rsa"]
    name: Name
    public_key: Annotated[str, Field(max_length=4096, description="PEM, 2048 to 4096 bits.")]


class SignerOut(BaseModel):
    id: str
    name: str
    kind: str
    key_server_url: str
    created_at: datetime
    revoked_at: datetime | None


class AddedSignerOut(SignerOut):
    """Hex, for Shaka Packager's `aes_signing_key` and `aes_signing_iv`. Shown this once."""

    signing_key: str | None = None
    signing_iv: str | None = None


def signer_out(signer: KeySigner, public_url: str) -> SignerOut:
    return SignerOut(
        id=signer.id,
        name=signer.name,
        kind=signer.kind,
        key_server_url=f"{public_url}/keys/widevine/{signer.organisation_id}/getcontentkey",
        created_at=signer.created_at,
        revoked_at=signer.revoked_at,
    )


def added_signer_out(added: AddedSigner, public_url: str) -> AddedSignerOut:
    out = AddedSignerOut(**signer_out(added.signer, public_url).model_dump())
    if added.secret is not None:
        out.signing_key, out.signing_iv = added.secret[:AES_KEY_BYTES].hex(), added.secret[AES_KEY_BYTES:].hex()
    return out
