"""FairPlay version 1 made here, with the operator's credentials and derivation.

Nothing of it was ever shown to an Apple device by this project; later versions of the messages need the side-car.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.adapters.licences.fairplay.ckc import make_ckc
from core.adapters.licences.fairplay.credentials import Credential
from core.adapters.licences.fairplay.derivation import Derivation
from core.adapters.licences.fairplay.spc import open_spc
from core.domain.drm.challenge import Challenge
from core.domain.drm.compile_fairplay import fairplay_terms
from core.domain.drm.fairplay_asset import kid_of_asset
from core.domain.drm.licence_decision import DeviceCapabilities
from core.domain.drm.tllv import Tag
from core.domain.errors import Forbidden, NotFound
from core.ports import DeviceReport, Inspection, IssuedLicence, LicenceOrder


class NativeFairPlay:
    """A LicenceBackend. `capabilities` is what devices are credited with: their requests do not tell."""

    def __init__(self, credentials: Sequence[Credential], derive: Derivation, capabilities: DeviceCapabilities) -> None:
        self._credentials = credentials
        self._derive = derive
        self._device = DeviceReport(capabilities=capabilities)

    async def certificate(self) -> bytes:
        return self._credentials[0].certificate

    async def inspect(self, challenge: Challenge, *, device: bool) -> Inspection:  # noqa: ARG002 - the port's signature
        spc = open_spc(challenge.body, self._credentials)
        return Inspection(frozenset({kid_of_asset(spc.value(Tag.ASSET_ID))}), self._device)

    async def issue(self, order: LicenceOrder) -> IssuedLicence:
        if order.grant is None:
            raise NotFound("FairPlay licences are not given back here.")
        spc = open_spc(order.challenge.body, self._credentials)
        kid = kid_of_asset(spc.value(Tag.ASSET_ID))
        track = next((track for track in order.grant.tracks if track.kid == kid), None)
        key = order.keys.get(kid)
        if track is None or key is None:
            raise Forbidden("None of the requested keys belongs to this session.", code="KEYS_REFUSED")
        ckc = make_ckc(spc, spc.secrets(self._derive), key, fairplay_terms(order.grant, track))
        return IssuedLicence(ckc, self._device)
