"""What the settings allow an upload."""

from __future__ import annotations

from core.domain.media.plan import ProtectionScheme
from core.services.uploads.start_upload import UploadLimits
from core.settings import Settings


def upload_limits(
    settings: Settings, scheme: ProtectionScheme | None = None, crypto_period_seconds: int | None = None
) -> UploadLimits:
    """`scheme` and `crypto_period_seconds` are the uploader's wishes."""
    return UploadLimits(
        settings.max_source_bytes,
        settings.protection_scheme if scheme is None else scheme.value,
        settings.max_stored_bytes,
        crypto_period_seconds,
        own_keys=settings.speke_url is None,
    )
