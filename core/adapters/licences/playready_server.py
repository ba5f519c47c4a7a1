"""PlayReady licences from a server that the operator runs on Microsoft's Server SDK.

It speaks the protocol of Microsoft's test server: the player's SOAP challenge, and in the query `cfg` what each licence
may hold. That includes the keys: the server must be reached over TLS, and must not write its queries into a log.
"""

from __future__ import annotations

from core.adapters.licences.http_exchange import LicenceService
from core.domain.drm.challenge import Challenge
from core.domain.drm.compile_playready import playready_configuration
from core.domain.errors import NotFound
from core.ports import Inspection, IssuedLicence, LicenceOrder

_HEADERS = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": '"http://schemas.microsoft.com/DRM/2007/03/protocols/AcquireLicense"',
}
_LICENCE_RESPONSE = b"AcquireLicenseResponse"


class PlayReadyServer:
    """A LicenceBackend."""

    def __init__(self, service: LicenceService) -> None:
        self._service = service

    async def certificate(self) -> bytes:
        raise NotFound("PlayReady has no certificate for players to fetch.")

    async def inspect(self, challenge: Challenge, *, device: bool) -> Inspection:  # noqa: ARG002 - the port's signature
        """The device's certificate is for the server alone, which holds it to each licence's `sl`."""
        return Inspection()

    async def issue(self, order: LicenceOrder) -> IssuedLicence:
        if order.grant is None:
            raise NotFound("PlayReady licences are not given back here.")
        configuration = playready_configuration(order.grant, order.keys)
        answer = await self._service.post(order.challenge.body, _HEADERS, {"cfg": configuration})
        if _LICENCE_RESPONSE not in answer.body:
            # A SOAP fault can come with status 200.
            raise self._service.denied("no licence")
        return IssuedLicence(answer.body)
