"""What manifests and init segments say about one key in one DRM system."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from core.domain.drm.external_key import ServedKey
from core.domain.drm.playready_header import HeaderKey, header_version, playready_object, wrm_header
from core.domain.drm.pssh import pssh_box
from core.domain.drm.systems import DrmSystem
from core.domain.drm.widevine_pssh import WidevinePsshData
from core.domain.media.plan import ProtectionScheme


@dataclass(frozen=True)
class Signalling:
    """None where the system has nothing of the kind: FairPlay lives in playlists, only PlayReady in Smooth Streaming.

    `content_protection` is the inside of an MPD's ContentProtection element, `hls` the attributes of EXT-X-KEY and of
    EXT-X-SESSION-KEY (RFC 8216, 4.3.2.4), `smooth_streaming` the text of a ProtectionHeader element.
    """

    pssh: bytes | None = None
    content_protection: str | None = None
    hls: str | None = None
    smooth_streaming: str | None = None


def signalling(
    system: DrmSystem, scheme: ProtectionScheme, key: ServedKey, content_id: bytes, crypto_period: int | None
) -> Signalling:
    if system is DrmSystem.FAIRPLAY:
        return Signalling(
            hls=_hls(scheme, f"skd://{_base64(bytes.fromhex(key.kid))}", "com.apple.streamingkeydelivery")
        )
    if system is DrmSystem.COMMON:
        box = pssh_box(system, kids=[key.kid])
        return Signalling(box, _mpd_pssh(box))
    if system is DrmSystem.WIDEVINE:
        data = WidevinePsshData((key.kid,), "", content_id, crypto_period, scheme.value).encoded()
        box = pssh_box(system, data)
        attributes = _hls(scheme, f"data:text/plain;base64,{_base64(box)}", f"urn:uuid:{system.value}")
        return Signalling(box, _mpd_pssh(box), f"{attributes},KEYID=0x{key.kid}")
    header = wrm_header(header_version(scheme), scheme, [HeaderKey(key.kid, key.key)])
    pro = playready_object(header)
    box = pssh_box(system, pro)
    fragment = f'{_mpd_pssh(box)}<pro xmlns="urn:microsoft:playready">{_base64(pro)}</pro>'
    address = f"data:text/plain;charset=UTF-16;base64,{_base64(pro)}"
    return Signalling(box, fragment, _hls(scheme, address, "com.microsoft.playready"), _base64(pro))


def _hls(scheme: ProtectionScheme, address: str, key_format: str) -> str:
    method = "SAMPLE-AES" if scheme is ProtectionScheme.CBCS else "SAMPLE-AES-CTR"
    return f'METHOD={method},KEYFORMAT="{key_format}",KEYFORMATVERSIONS="1",URI="{address}"'


def _mpd_pssh(box: bytes) -> str:
    return f'<pssh xmlns="urn:mpeg:cenc:2013">{_base64(box)}</pssh>'


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()
