"""From settings to whoever makes licences of each system, with one HTTP client for all of them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

import httpx

from core.adapters.egress.http import GuardedHttp
from core.adapters.licences.axinom import AxinomLicences, CommunicationKey
from core.adapters.licences.customer_server import HttpCustomerServer
from core.adapters.licences.fairplay.credentials import load_credentials
from core.adapters.licences.fairplay.derivation import load_derivation
from core.adapters.licences.fairplay.native import NativeFairPlay
from core.adapters.licences.fairplay.sidecar import FairPlaySidecar
from core.adapters.licences.http_exchange import LicenceService
from core.adapters.licences.playready_server import PlayReadyServer
from core.adapters.licences.widevine_google import GoogleWidevine, WidevineSigner
from core.domain.drm.callback_message import CALLBACKS, DEVELOPMENT_CALLBACKS
from core.domain.drm.challenge import KeySystem
from core.domain.drm.levels import SecurityLevel
from core.domain.drm.licence_decision import DeviceCapabilities
from core.licence_settings import LicenceSettings
from core.ports import Clock, CustomerServer, KeyUnavailable, LicenceBackend


@dataclass(frozen=True)
class LicenceServers:
    """`backends` holds the systems that are configured."""

    backends: Mapping[KeySystem, LicenceBackend] = field(repr=False)
    customers: CustomerServer = field(repr=False)


@asynccontextmanager
async def open_licence_servers(settings: LicenceSettings, clock: Clock) -> AsyncIterator[LicenceServers]:
    """Raises KeyUnavailable when a key or a credential is not what it should be."""
    # No proxy of the environment: it would see content keys.
    development = settings.callback_private_addresses
    customers = GuardedHttp(DEVELOPMENT_CALLBACKS if development else CALLBACKS)
    async with httpx.AsyncClient(trust_env=False) as client, aclosing(customers):
        made = {
            KeySystem.WIDEVINE: _widevine(settings, client, clock),
            KeySystem.FAIRPLAY: _fairplay(settings, client, clock),
            KeySystem.PLAYREADY: _playready(settings, client, clock),
        }
        yield LicenceServers(
            {system: backend for system, backend in made.items() if backend is not None},
            HttpCustomerServer(customers, seconds=settings.callback_seconds, development=development),
        )


def _widevine(settings: LicenceSettings, client: httpx.AsyncClient, clock: Clock) -> LicenceBackend | None:
    if settings.widevine is None:
        return None
    service = LicenceService(client, "Widevine", settings.widevine_url, seconds=settings.timeout_seconds)
    if settings.widevine == "axinom":
        return AxinomLicences(service, KeySystem.WIDEVINE, _communication_key(settings), clock)
    try:
        key, iv = (
            bytes.fromhex(secret.get_secret_value())
            for secret in (settings.widevine_signing_key, settings.widevine_signing_iv)
        )
        return GoogleWidevine(service, WidevineSigner(settings.widevine_provider, key, iv))
    except ValueError:
        raise KeyUnavailable("the Widevine signing key is 64 hex digits, its IV 32") from None


def _fairplay(settings: LicenceSettings, client: httpx.AsyncClient, clock: Clock) -> LicenceBackend | None:
    if settings.fairplay is None:
        return None
    credentials = load_credentials(settings.fairplay_credentials, native=settings.fairplay == "native")
    credited = DeviceCapabilities(SecurityLevel(settings.fairplay_security_level))
    if settings.fairplay == "native":
        return NativeFairPlay(credentials, load_derivation(settings.fairplay_derivation), credited)
    service = LicenceService(client, "FairPlay", settings.fairplay_url, seconds=settings.timeout_seconds)
    if settings.fairplay == "sidecar":
        return FairPlaySidecar(service, credentials[0].certificate, credited)
    key = _communication_key(settings)
    return AxinomLicences(service, KeySystem.FAIRPLAY, key, clock, credentials[0].certificate, credited)


def _playready(settings: LicenceSettings, client: httpx.AsyncClient, clock: Clock) -> LicenceBackend | None:
    if settings.playready is None:
        return None
    service = LicenceService(client, "PlayReady", settings.playready_url, seconds=settings.timeout_seconds)
    if settings.playready == "axinom":
        return AxinomLicences(service, KeySystem.PLAYREADY, _communication_key(settings), clock)
    return PlayReadyServer(service)


def _communication_key(settings: LicenceSettings) -> CommunicationKey:
    if settings.axinom_key_id is None:
        raise KeyUnavailable("Axinom's communication key needs its id")
    try:
        secret = base64.b64decode(settings.axinom_key.get_secret_value(), validate=True)
        return CommunicationKey(settings.axinom_key_id, secret)
    except (ValueError, binascii.Error):
        raise KeyUnavailable("Axinom's communication key is 32 bytes in base64") from None
