"""FairPlay by a small HTTP server that the operator builds around Apple's SDK, next to us.

POST JSON {spc, session, keys: [{kid, key, iv, type, lease, rental, hdcp}]} (bytes in base64, seconds, the type and
requirement as CKCs name them); it answers {ckc, device?: {id, model}}. It picks the key that the SPC asks for.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from core.adapters.licences.http_exchange import LicenceService
from core.domain.drm.challenge import Challenge
from core.domain.drm.compile_fairplay import fairplay_iv, fairplay_terms
from core.domain.drm.licence_decision import DeviceCapabilities, LicenceGrant, TrackGrant
from core.domain.errors import NotFound
from core.ports import DeviceReport, Inspection, IssuedLicence, LicenceOrder


class FairPlaySidecar:
    """A LicenceBackend."""

    def __init__(self, service: LicenceService, certificate: bytes, capabilities: DeviceCapabilities) -> None:
        self._service = service
        self._certificate = certificate
        self._device = DeviceReport(capabilities=capabilities)

    async def certificate(self) -> bytes:
        return self._certificate

    async def inspect(self, challenge: Challenge, *, device: bool) -> Inspection:  # noqa: ARG002 - the port's signature
        return Inspection(device=self._device)

    async def issue(self, order: LicenceOrder) -> IssuedLicence:
        if order.grant is None:
            raise NotFound("FairPlay licences are not given back here.")
        message = {
            "spc": _base64(order.challenge.body),
            "session": order.session_id,
            "keys": [_key(order, order.grant, track) for track in order.grant.tracks],
        }
        answer = await self._service.post(json.dumps(message).encode(), {"Content-Type": "application/json"})
        try:
            read = json.loads(answer.body)
            ckc = base64.b64decode(read["ckc"], validate=True)
        except (ValueError, TypeError, KeyError, RecursionError, binascii.Error):
            raise self._service.failed("no CKC") from None
        return IssuedLicence(ckc, _report(read.get("device"), self._device.capabilities))


def _key(order: LicenceOrder, grant: LicenceGrant, track: TrackGrant) -> dict[str, Any]:
    key, terms = order.keys[track.kid], fairplay_terms(grant, track)
    return {
        "kid": track.kid,
        "key": _base64(key.key),
        "iv": _base64(fairplay_iv(key)),
        "type": terms.duration_type.name,
        "lease": terms.lease_seconds,
        "rental": terms.rental_seconds,
        "hdcp": terms.hdcp.name,
    }


def _report(device: object, capabilities: DeviceCapabilities) -> DeviceReport:
    known = device if isinstance(device, dict) else {}
    device_id, model = known.get("id"), known.get("model")
    return DeviceReport(
        device_id[:255] if isinstance(device_id, str) and device_id else None,
        capabilities,
        model[:200] if isinstance(model, str) and model else None,
    )


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
