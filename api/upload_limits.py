"""What the settings allow an upload."""

from __future__ import annotations

from core.domain.media.plan import ProtectionScheme
from core.services.uploads.start_upload import UploadLimits
from core.settings import Settings


def upload_limits(settings: Settings, scheme: ProtectionScheme | None = None) -> UploadLimits:
    """`scheme` is the uploader's wish."""
    chosen = settings.protection_scheme if scheme is None else scheme.value
    return UploadLimits(settings.max_source_bytes, chosen, settings.max_stored_bytes)
