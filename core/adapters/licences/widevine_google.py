"""Widevine licences from Google's service, by signed requests that carry our own keys.

The request is JSON in an envelope {request, signature, signer}; the signature is AES-256-CBC (PKCS#7) of the request's
SHA-1 (Widevine, "Common Encryption API" and licence proxy integration). The service answers with a status, the
licence, and what it knows of the device; `session_state` holds a key and is never looked at.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from core.adapters.licences.http_exchange import LicenceService
from core.domain.drm.challenge import Challenge
from core.domain.drm.compile_widevine import content_key_specs, policy_overrides
from core.domain.drm.levels import Hdcp, SecurityLevel
from core.domain.drm.licence_decision import DeviceCapabilities
from core.ports import DeviceReport, Inspection, IssuedLicence, LicenceOrder

_CERTIFICATE_REQUEST = b"\x08\x04"
_HDCP = {f"HDCP_{level.name}": level for level in Hdcp}
#: Google's answer for devices and content that it, or the request's policy, does not let play.
_DENIED = frozenset({"ACCESS_DENIED", "DRM_DEVICE_CERTIFICATE_REVOKED", "INVALID_LICENSE_REQUEST", "DEVICE_REVOKED"})


class WidevineSigner:
    """`key` 32 bytes, `iv` 16, as Google assigns them to a provider."""

    def __init__(self, provider: str, key: bytes, iv: bytes) -> None:
        if len(key) != 32 or len(iv) != 16:
            raise ValueError("the Widevine signing key has 32 bytes and its IV 16")
        self.provider = provider
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(iv))

    def envelope(self, request: bytes) -> bytes:
        digest = hashes.Hash(hashes.SHA1())  # noqa: S303 - the service's own rule
        digest.update(request)
        padder, encryptor = PKCS7(128).padder(), self._cipher.encryptor()
        signature = encryptor.update(padder.update(digest.finalize()) + padder.finalize()) + encryptor.finalize()
        return json.dumps(
            {"request": _base64(request), "signature": _base64(signature), "signer": self.provider}
        ).encode()


class GoogleWidevine:
    """A LicenceBackend."""

    def __init__(self, service: LicenceService, signer: WidevineSigner) -> None:
        self._service = service
        self._signer = signer
        self._certificate: bytes | None = None

    async def certificate(self) -> bytes:
        """The same for everybody, so that it is asked for once."""
        if self._certificate is None:
            answer = await self._ask({"payload": _base64(_CERTIFICATE_REQUEST)})
            self._certificate = self._licence(answer)
        return self._certificate

    async def inspect(self, challenge: Challenge, *, device: bool) -> Inspection:
        if not device:
            return Inspection()
        answer = await self._ask({"payload": _base64(challenge.body), "parse_only": True})
        return Inspection(device=_report(answer))

    async def issue(self, order: LicenceOrder) -> IssuedLicence:
        request: dict[str, Any] = {
            "payload": _base64(order.challenge.body),
            "content_id": _base64(order.content_id.encode()),
            "session_init": {"session_id": _base64(order.session_id.encode())},
        }
        if order.grant is not None:
            request |= {
                "content_key_specs": content_key_specs(order.grant, order.keys),
                "policy_overrides": policy_overrides(order.grant),
            }
        answer = await self._ask(request)
        return IssuedLicence(self._licence(answer), _report(answer))

    async def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps({**request, "provider": self._signer.provider}).encode()
        answer = await self._service.post(self._signer.envelope(body), {"Content-Type": "application/json"})
        try:
            read = json.loads(answer.body)
        except (ValueError, RecursionError):
            raise self._service.failed("no JSON") from None
        status = read.get("status") if isinstance(read, dict) else None
        if not isinstance(status, str):
            raise self._service.failed("no status")
        if status != "OK":
            raise self._service.denied(status[:64]) if status in _DENIED else self._service.failed(status[:64])
        return dict(read)

    def _licence(self, answer: dict[str, Any]) -> bytes:
        try:
            licence = base64.b64decode(answer["license"], validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error):
            raise self._service.failed("no licence") from None
        if not licence:
            raise self._service.failed("no licence")
        return licence


def _report(answer: dict[str, Any]) -> DeviceReport:
    """What is missing or unknown is not trusted to be good: the service itself holds the device to each key's rule."""
    serial, names = answer.get("drm_cert_serial_number"), (answer.get("make"), answer.get("model"))
    model = " ".join(name for name in names if isinstance(name, str) and name)
    return DeviceReport(
        device_id=serial[:255] if isinstance(serial, str) and serial else None,
        capabilities=DeviceCapabilities(
            _security_level(answer.get("security_level")), _HDCP.get(str(answer.get("client_max_hdcp_version")))
        ),
        model=model[:200] or None,
    )


def _security_level(value: object) -> SecurityLevel | None:
    """Google reports L1 to L3, as a number; L1 keeps everything in hardware, L3 nothing."""
    return {1: SecurityLevel.HW_ALL, 2: SecurityLevel.HW_CRYPTO, 3: SecurityLevel.SW_DECODE}.get(_number(value))


def _number(value: object) -> int:
    text = str(value).strip().upper().removeprefix("LEVEL_").removeprefix("L")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else 0


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
