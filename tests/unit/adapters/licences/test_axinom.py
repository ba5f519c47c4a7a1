"""Entitlement messages, read by another JWT library and opened by another AES."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from core.adapters.licences.axinom import AxinomLicences, CommunicationKey
from core.adapters.licences.http_exchange import LicenceService
from core.domain.drm.challenge import Challenge, KeySystem
from core.domain.drm.levels import SecurityLevel
from core.domain.drm.licence_decision import DeviceCapabilities
from core.domain.errors import DomainError, NotFound
from tests.fixtures.licence_orders import HD, SD, grant, order
from tests.fixtures.licence_services import COMMUNICATION_KEY, COMMUNICATION_KEY_ID, AxinomDouble


@dataclass
class Clock:
    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


KEY = CommunicationKey(COMMUNICATION_KEY_ID, COMMUNICATION_KEY)


@pytest.mark.parametrize(
    ("system", "content_type"),
    [
        (KeySystem.WIDEVINE, "application/octet-stream"),
        (KeySystem.FAIRPLAY, "application/octet-stream"),
        (KeySystem.PLAYREADY, "text/xml; charset=utf-8"),
    ],
)
async def test_every_system_is_served_by_one_message(system: KeySystem, content_type: str) -> None:
    axinom = AxinomDouble(content_type=content_type)
    async with axinom.client() as client:
        backend = AxinomLicences(LicenceService(client, "x", axinom.url, seconds=1), system, KEY, Clock())
        issued = await backend.issue(order(system, b"challenge", grant(persistent=True)))
    assert json.loads(issued.body)["keys"] == {SD: (b"s" * 16).hex(), HD: (b"h" * 16).hex()}
    [message] = axinom.requests
    assert message["license"]["allow_persistence"] is True
    assert axinom.refusals == []


async def test_certificates_and_releases_carry_no_keys() -> None:
    axinom = AxinomDouble()
    async with axinom.client() as client:
        service = LicenceService(client, "x", axinom.url, seconds=1)
        widevine = AxinomLicences(service, KeySystem.WIDEVINE, KEY, Clock())
        assert await widevine.certificate() == b"certificate of the service"
        await widevine.issue(order(KeySystem.WIDEVINE, b"release", None))
        assert [message["content_keys_source"] for message in axinom.requests] == [{"inline": []}] * 2
        credited = DeviceCapabilities(SecurityLevel.SW_DECODE)
        fairplay = AxinomLicences(service, KeySystem.FAIRPLAY, KEY, Clock(), b"DER", credited)
        assert await fairplay.certificate() == b"DER"
        inspected = await fairplay.inspect(Challenge(KeySystem.FAIRPLAY, b"spc"), device=True)
        assert inspected.device.capabilities == credited
        with pytest.raises(NotFound):
            await AxinomLicences(service, KeySystem.PLAYREADY, KEY, Clock()).certificate()


async def test_another_key_or_a_wrong_clock_does_not_pass_the_double() -> None:
    axinom = AxinomDouble()
    async with axinom.client() as client:
        service = LicenceService(client, "x", axinom.url, seconds=1)
        for backend in (
            AxinomLicences(service, KeySystem.WIDEVINE, CommunicationKey(COMMUNICATION_KEY_ID, b"\1" * 32), Clock()),
            AxinomLicences(service, KeySystem.WIDEVINE, KEY, Clock(timedelta(hours=1))),
        ):
            with pytest.raises((DomainError, Exception)) as failed:
                await backend.issue(order(KeySystem.WIDEVINE, b"challenge", grant()))
            assert type(failed.value).__name__ in {"Forbidden", "BadSignatureError"}
    assert axinom.requests == []


def test_a_short_key_is_refused_and_the_key_does_not_show_itself() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        CommunicationKey(COMMUNICATION_KEY_ID, b"short")
    assert "secret" not in repr(KEY)
