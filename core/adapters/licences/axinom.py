"""Licences from Axinom's service, for every system, by an entitlement message that carries our own keys.

The message is a JWT (RFC 7519, HS256) under the communication key, in the header `X-AxDRM-Message`. It holds keys,
sealed, so that it goes from here to the service and never to a player.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from core.adapters.licences.http_exchange import LicenceService
from core.domain.drm.challenge import Challenge, KeySystem
from core.domain.drm.compile_axinom import entitlement_message
from core.domain.drm.content_key import ContentKey
from core.domain.drm.licence_decision import DeviceCapabilities
from core.domain.errors import NotFound
from core.ports import Clock, DeviceReport, Inspection, IssuedLicence, LicenceOrder

_MESSAGE_LIFE = timedelta(minutes=5)
_CONTENT_TYPES = {
    KeySystem.WIDEVINE: "application/octet-stream",
    KeySystem.FAIRPLAY: "application/octet-stream",
    KeySystem.PLAYREADY: "text/xml; charset=utf-8",
}
_CERTIFICATE_REQUEST = b"\x08\x04"


@dataclass(frozen=True)
class CommunicationKey:
    """The shared secret, 32 bytes, and its id, a GUID."""

    id: UUID
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != 32:
            raise ValueError("Axinom's communication key has 32 bytes")

    def seal(self, key: ContentKey) -> bytes:
        """One block of AES-256-CBC, its IV the key id in network order."""
        encryptor = Cipher(algorithms.AES(self.secret), modes.CBC(bytes.fromhex(key.kid))).encryptor()
        return encryptor.update(key.key) + encryptor.finalize()

    def envelope(self, message: dict[str, Any], now: datetime) -> str:
        moment = now.astimezone(UTC).replace(microsecond=0)
        payload = {
            "version": 1,
            "com_key_id": str(self.id),
            "begin_date": (moment - _MESSAGE_LIFE).isoformat(),
            "expiration_date": (moment + _MESSAGE_LIFE).isoformat(),
            "message": message,
        }
        return jwt.encode(payload, self.secret, algorithm="HS256")


class AxinomLicences:
    """A LicenceBackend of one system. `certificate` is FairPlay's, given by the operator.

    `capabilities` is what devices are credited with where the service does not hold them to it.
    """

    def __init__(
        self,
        service: LicenceService,
        system: KeySystem,
        key: CommunicationKey,
        clock: Clock,
        certificate: bytes | None = None,
        capabilities: DeviceCapabilities | None = None,
    ) -> None:
        self._service = service
        self._system = system
        self._key = key
        self._clock = clock
        self._given_certificate = certificate
        self._device = DeviceReport(capabilities=capabilities or DeviceCapabilities())

    async def certificate(self) -> bytes:
        if self._given_certificate is not None:
            return self._given_certificate
        if self._system is not KeySystem.WIDEVINE:
            raise NotFound("There is no certificate for this system.")
        return await self._post(_CERTIFICATE_REQUEST, _no_keys())

    async def inspect(self, challenge: Challenge, *, device: bool) -> Inspection:  # noqa: ARG002 - the port's signature
        """The service has no way to ask without issuing; it leaves out itself what a device may not have."""
        return Inspection(device=self._device)

    async def issue(self, order: LicenceOrder) -> IssuedLicence:
        message = _no_keys() if order.grant is None else entitlement_message(order.grant, order.keys, self._key.seal)
        return IssuedLicence(await self._post(order.challenge.body, message))

    async def _post(self, body: bytes, message: dict[str, Any]) -> bytes:
        headers = {
            "Content-Type": _CONTENT_TYPES[self._system],
            "X-AxDRM-Message": self._key.envelope(message, self._clock.now()),
        }
        answer = await self._service.post(body, headers)
        if not answer.body:
            raise self._service.failed("an empty licence")
        return answer.body


def _no_keys() -> dict[str, Any]:
    """For what needs no key: certificates, and releases of what was given before."""
    return {"type": "entitlement_message", "version": 2, "content_keys_source": {"inline": []}}
