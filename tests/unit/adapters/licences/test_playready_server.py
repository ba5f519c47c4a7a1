"""The proxy to an operator's PlayReady server."""

from __future__ import annotations

import pytest

from core.adapters.licences.http_exchange import LicenceService
from core.adapters.licences.playready_server import PlayReadyServer
from core.domain.drm.challenge import KeySystem
from core.domain.errors import DomainError, NotFound
from tests.fixtures.licence_orders import HD, SD, grant, order
from tests.fixtures.licence_services import PlayReadyDouble

CHALLENGE = b"<AcquireLicense/>"


async def test_each_key_gets_its_own_terms() -> None:
    server = PlayReadyDouble()
    async with server.client() as client:
        backend = PlayReadyServer(LicenceService(client, "PlayReady", server.url, seconds=1))
        issued = await backend.issue(order(KeySystem.PLAYREADY, CHALLENGE, grant(persistent=True, playback_seconds=60)))
    assert server.refusals == []
    [licences] = server.requests
    assert {licence["kid"]: licence["sl"] for licence in licences} == {SD: "2000", HD: "3000"}
    assert all((licence["persist"], licence["firstexp"]) == ("true", "60") for licence in licences)
    assert "dvop" in licences[1]
    assert b"AcquireLicenseResponse" in issued.body


async def test_a_fault_is_no_licence_and_there_is_nothing_to_give_back() -> None:
    server = PlayReadyDouble(fault=True)
    async with server.client() as client:
        backend = PlayReadyServer(LicenceService(client, "PlayReady", server.url, seconds=1))
        with pytest.raises(DomainError) as refused:
            await backend.issue(order(KeySystem.PLAYREADY, CHALLENGE, grant()))
        assert refused.value.code == "LICENCE_DENIED"
        with pytest.raises(NotFound):
            await backend.issue(order(KeySystem.PLAYREADY, CHALLENGE, None))
        with pytest.raises(NotFound):
            await backend.certificate()
