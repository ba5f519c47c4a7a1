"""The signed-request proxy to Google's service, against a double that recomputes every signature."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx
import pytest
import structlog

from core.adapters.licences.http_exchange import LicenceService
from core.adapters.licences.widevine_google import GoogleWidevine, WidevineSigner
from core.domain.drm.challenge import Challenge, KeySystem
from core.domain.drm.levels import Hdcp, SecurityLevel
from core.domain.errors import DomainError
from tests.fixtures.licence_orders import HD, SD, grant, order
from tests.fixtures.licence_services import (
    PROVIDER,
    SIGNING_KEY_OF_A_SESSION,
    WIDEVINE_IV,
    WIDEVINE_KEY,
    GoogleDouble,
)


@pytest.fixture
def google() -> GoogleDouble:
    return GoogleDouble()


@pytest.fixture
async def backend(google: GoogleDouble) -> AsyncIterator[GoogleWidevine]:
    async with google.client() as client:
        service = LicenceService(client, "Widevine", google.url, seconds=1)
        yield GoogleWidevine(service, WidevineSigner(PROVIDER, WIDEVINE_KEY, WIDEVINE_IV))


async def test_our_keys_and_policy_reach_the_service_signed(google: GoogleDouble, backend: GoogleWidevine) -> None:
    issued = await backend.issue(order(KeySystem.WIDEVINE, b"challenge", grant()))
    licence = json.loads(issued.body)
    assert licence["keys"] == {SD: (b"s" * 16).hex(), HD: (b"h" * 16).hex()}
    assert licence["policy"]["license_duration_seconds"] == timedelta(hours=1).total_seconds()
    assert (issued.device.device_id, issued.device.model) == ("53657269616c", "Acme Player 9")
    assert google.refusals == []


async def test_the_service_holds_devices_to_the_level_of_each_key(
    google: GoogleDouble, backend: GoogleWidevine
) -> None:
    google.level = 3
    issued = await backend.issue(order(KeySystem.WIDEVINE, b"challenge", grant()))
    assert set(json.loads(issued.body)["keys"]) == {SD}


@pytest.mark.parametrize(("level", "known"), [(1, 5), (2, 3), (3, 2)])
async def test_a_first_step_tells_the_level_and_issues_nothing(
    google: GoogleDouble, backend: GoogleWidevine, level: int, known: int
) -> None:
    google.level = level
    inspected = await backend.inspect(Challenge(KeySystem.WIDEVINE, b"challenge"), device=True)
    assert inspected.device.capabilities.security_level == SecurityLevel(known)
    assert inspected.device.capabilities.hdcp == (Hdcp.V2_2 if level == 1 else Hdcp.NONE)
    assert [request.get("parse_only") for request in google.requests] == [True]
    assert "content_key_specs" not in google.requests[0]


async def test_the_first_step_is_left_out_when_nobody_needs_it(google: GoogleDouble, backend: GoogleWidevine) -> None:
    await backend.inspect(Challenge(KeySystem.WIDEVINE, b"challenge"), device=False)
    assert google.attempts == 0


async def test_a_release_carries_no_keys(google: GoogleDouble, backend: GoogleWidevine) -> None:
    issued = await backend.issue(order(KeySystem.WIDEVINE, b"release", None))
    assert issued.body == b"released"
    assert set(google.requests[0]) == {"payload", "content_id", "session_init"}


async def test_the_certificate_is_asked_for_once(google: GoogleDouble, backend: GoogleWidevine) -> None:
    assert await backend.certificate() == await backend.certificate() == b"certificate of the service"
    assert google.attempts == 1


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("ACCESS_DENIED", "LICENCE_DENIED"),
        ("SIGNATURE_FAILED", "LICENCE_SERVICE_FAILED"),
        ("", "LICENCE_SERVICE_FAILED"),
    ],
)
async def test_the_services_status_becomes_a_code(
    google: GoogleDouble, backend: GoogleWidevine, status: str, code: str
) -> None:
    google.status = status
    with pytest.raises(DomainError) as failed:
        await backend.issue(order(KeySystem.WIDEVINE, b"challenge", grant()))
    assert failed.value.code == code


def raising(error: type[httpx.TransportError]) -> Callable[[httpx.Request], httpx.Response]:
    def fail(request: httpx.Request) -> httpx.Response:
        raise error("no", request=request)

    return fail


def answering(status: int, body: bytes) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, content=body)


@pytest.mark.parametrize(
    ("trouble", "code", "attempts"),
    [
        ([raising(httpx.ConnectError)] * 3, "LICENCE_SERVICE_FAILED", 3),
        ([raising(httpx.ReadTimeout)], "LICENCE_SERVICE_FAILED", 1),
        ([raising(httpx.RemoteProtocolError)], "LICENCE_SERVICE_FAILED", 1),
        ([answering(500, b"")], "LICENCE_SERVICE_FAILED", 1),
        ([answering(429, b"")], "LICENCE_SERVICE_FAILED", 1),
        ([answering(302, b"")], "LICENCE_SERVICE_FAILED", 1),
        ([answering(403, b"")], "LICENCE_DENIED", 1),
        ([answering(200, b"")], "LICENCE_SERVICE_FAILED", 1),
        ([answering(200, b"[" * 50_000)], "LICENCE_SERVICE_FAILED", 1),
        ([answering(200, b"[]")], "LICENCE_SERVICE_FAILED", 1),
        ([answering(200, b'{"status":"OK"}')], "LICENCE_SERVICE_FAILED", 1),
        ([answering(200, b'{"status":"OK","license":"*"}')], "LICENCE_SERVICE_FAILED", 1),
        ([answering(200, b'{"status":"OK","license":""}')], "LICENCE_SERVICE_FAILED", 1),
        ([answering(200, b" " * 2_000_000)], "LICENCE_SERVICE_FAILED", 1),
    ],
)
async def test_what_may_have_been_issued_is_not_asked_for_again(
    google: GoogleDouble, backend: GoogleWidevine, trouble: list[object], code: str, attempts: int
) -> None:
    google.trouble = list(trouble)  # type: ignore[arg-type]
    with pytest.raises(DomainError) as failed:
        await backend.issue(order(KeySystem.WIDEVINE, b"challenge", grant()))
    assert (failed.value.code, google.attempts) == (code, attempts)
    assert google.url not in str(failed.value.fields)


async def test_a_connection_that_was_never_made_is_tried_again(google: GoogleDouble, backend: GoogleWidevine) -> None:
    google.trouble = [raising(httpx.ConnectTimeout), raising(httpx.ConnectError)]
    await backend.issue(order(KeySystem.WIDEVINE, b"challenge", grant()))
    assert (google.attempts, len(google.requests)) == (3, 1)


async def test_a_wrong_key_or_a_changed_request_does_not_pass_the_double(google: GoogleDouble) -> None:
    """The double can fail: it is what the other tests rest on."""
    async with google.client() as client:
        service = LicenceService(client, "Widevine", google.url, seconds=1)
        backend = GoogleWidevine(service, WidevineSigner(PROVIDER, b"\1" * 32, WIDEVINE_IV))
        with pytest.raises(DomainError) as failed:
            await backend.issue(order(KeySystem.WIDEVINE, b"challenge", grant()))
    assert (failed.value.code, google.requests) == ("LICENCE_DENIED", [])
    with pytest.raises(ValueError, match="32 bytes"):
        WidevineSigner(PROVIDER, b"short", WIDEVINE_IV)


async def test_nothing_secret_shows_itself(google: GoogleDouble, backend: GoogleWidevine) -> None:
    wanted = order(KeySystem.WIDEVINE, b"challenge", grant())
    with structlog.testing.capture_logs() as logs:
        issued = await backend.issue(wanted)
    seen = repr((wanted, issued, backend, logs))
    for secret in (SIGNING_KEY_OF_A_SESSION, "s" * 16, (b"s" * 16).hex(), WIDEVINE_KEY.hex(), "challenge'"):
        assert secret not in seen
