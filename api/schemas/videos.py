"""Bodies of the routes about videos."""

from __future__ import annotations

from api.schemas.text import Strict
from core.domain.media.plan import ProtectionScheme


class RekeyIn(Strict):
    """Without a scheme, the video stays encrypted as it is."""

    scheme: ProtectionScheme | None = None
