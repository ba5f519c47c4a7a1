"""Ask the organisation's own server before a licence is given, where the organisation wants that."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from core.db.repositories.licences import LicenceBasis
from core.domain.drm.callback_message import callback_failed, narrowing, organisation_key, signed
from core.domain.drm.challenge import Challenge
from core.domain.drm.licence_policy import TAKES_NOTHING, LicencePolicy
from core.ports import CustomerServer, CustomerUnreachable

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class AskCustomerServer:
    """`key` is the master that the organisations' keys are derived from."""

    server: CustomerServer
    key: bytes = field(repr=False)

    async def __call__(self, basis: LicenceBasis, challenge: Challenge, now: datetime) -> LicencePolicy:
        """Raises Forbidden (CALLBACK_REFUSED), Unavailable (CALLBACK_FAILED)."""
        callback = basis.callback
        if callback is None:
            return TAKES_NOTHING
        key = organisation_key(self.key, basis.organisation_id)
        body, headers = signed(key, _message(basis, challenge, now), int(now.timestamp()))
        try:
            return narrowing(*await self.server.post(callback.url, body, headers))
        except CustomerUnreachable as error:
            _log.warning("licence callback failed", organisation=basis.organisation_id, reason=str(error))
            if callback.fail_open:
                return TAKES_NOTHING
            raise callback_failed() from None


def _message(basis: LicenceBasis, challenge: Challenge, now: datetime) -> dict[str, Any]:
    return {
        "version": 1,
        "time": int(now.timestamp()),
        "videoId": basis.video_id,
        "viewerId": basis.viewer_id,
        "deviceId": basis.device_id,
        "system": challenge.system.value,
        "kind": challenge.kind.value,
        "persistent": challenge.persistent,
        "sessionStartedAt": int(basis.started_at.timestamp()),
    }
