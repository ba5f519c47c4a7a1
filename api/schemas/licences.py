"""Bodies of what organisations set and see around licences."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from api.schemas.text import Strict
from core.db.models import LicenceCallback, OfflineLicence


class LicenceCallbackIn(Strict):
    url: str = Field(max_length=2000, examples=["https://example.com/sealcast/licence"])
    fail_open: bool = Field(default=False, description="Give licences while the address does not answer.")


class LicenceCallbackOut(BaseModel):
    url: str
    fail_open: bool
    signing_key: str = Field(description="Verify `X-Sealcast-Signature` with it, as text. Keep it secret.")


class OfflineLicenceOut(BaseModel):
    """`holder` is the viewer, or the session where no viewer was named."""

    id: str
    holder: str
    device_id: str
    system: str
    downloads: int
    issued_at: datetime
    expires_at: datetime
    released_at: datetime | None


def callback_out(callback: LicenceCallback, signing_key: str) -> LicenceCallbackOut:
    return LicenceCallbackOut(url=callback.url, fail_open=callback.fail_open, signing_key=signing_key)


def offline_licence_out(copy: OfflineLicence) -> OfflineLicenceOut:
    return OfflineLicenceOut(
        id=copy.id,
        holder=copy.holder,
        device_id=copy.device_id,
        system=copy.license_type,
        downloads=copy.downloads,
        issued_at=copy.issued_at,
        expires_at=copy.expires_at,
        released_at=copy.released_at,
    )
