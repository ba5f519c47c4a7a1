"""Licence services, and a customer's own say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from core.domain.drm.challenge import Challenge
from core.domain.drm.content_key import ContentKey
from core.domain.drm.licence_decision import DeviceCapabilities, LicenceGrant


@dataclass(frozen=True)
class DeviceReport:
    """What a licence service knows of a device; `device_id` is the system's own name for it, `model` is for people."""

    device_id: str | None = None
    capabilities: DeviceCapabilities = field(default_factory=DeviceCapabilities)
    model: str | None = None


@dataclass(frozen=True)
class Inspection:
    """What only the backend can read of a challenge. `kids` None: as little as we can."""

    kids: frozenset[str] | None = None
    device: DeviceReport = field(default_factory=DeviceReport)


@dataclass(frozen=True)
class LicenceOrder:
    """`grant` and `keys` are what a licence may hold, and None and empty for a release. `content_id` is the video."""

    challenge: Challenge
    session_id: str
    content_id: str
    grant: LicenceGrant | None = None
    keys: Mapping[str, ContentKey] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class IssuedLicence:
    body: bytes = field(repr=False)
    device: DeviceReport = field(default_factory=DeviceReport)


class LicenceBackend(Protocol):
    """Whoever makes licences of one system.

    Raises InvalidInput (CHALLENGE_INVALID), Forbidden (LICENCE_DENIED), Unavailable (LICENCE_SERVICE_FAILED).
    What may have been issued is not asked for again: only a connection that was never made is tried twice.
    """

    async def certificate(self) -> bytes:
        """The service's certificate in the system's own form. Raises NotFound where the system has none."""
        ...

    async def inspect(self, challenge: Challenge, *, device: bool) -> Inspection:
        """Without issuing anything. `device` says that the device's level is needed, if it can be had."""
        ...

    async def issue(self, order: LicenceOrder) -> IssuedLicence: ...


class CustomerUnreachable(Exception):
    """A customer's server gave no answer: no connection, no answer in time, or 5xx."""


class CustomerServer(Protocol):
    async def get(self, url: str) -> tuple[int, bytes]:
        """The same without a body."""
        ...

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer. Raises CustomerUnreachable, also for addresses that may not be called."""
        ...
