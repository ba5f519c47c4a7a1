from __future__ import annotations

import base64
import uuid

import pytest

from core.domain.drm.external_key import ServedKey
from core.domain.drm.pssh import read_pssh
from core.domain.drm.signalling import signalling
from core.domain.drm.systems import DrmSystem
from core.domain.drm.widevine_pssh import WidevinePsshData, read_widevine_pssh
from core.domain.media.plan import ProtectionScheme

KEY = ServedKey(uuid.uuid4().hex, b"0123456789abcdef")


def made(system: DrmSystem, scheme=ProtectionScheme.CBCS):
    return signalling(system, scheme, KEY, b"content", 7)


def test_widevine_names_kid_content_period_and_scheme():
    box = made(DrmSystem.WIDEVINE).pssh
    expected = WidevinePsshData((KEY.kid,), "", b"content", 7, "cbcs")
    assert read_widevine_pssh(read_pssh(box).data) == expected


def test_fairplay_lives_in_playlists():
    found = made(DrmSystem.FAIRPLAY)
    assert (found.pssh, found.content_protection, found.smooth_streaming) == (None, None, None)
    assert f'URI="skd://{base64.b64encode(bytes.fromhex(KEY.kid)).decode()}"' in found.hls


def test_the_common_system_lives_in_boxes():
    found = made(DrmSystem.COMMON)
    assert read_pssh(found.pssh).kids == (KEY.kid,)
    assert (found.hls, found.smooth_streaming) == (None, None)


@pytest.mark.parametrize(
    ("scheme", "version"), [(ProtectionScheme.CENC, "4.0.0.0"), (ProtectionScheme.CBCS, "4.3.0.0")]
)
def test_playready_has_the_same_object_everywhere(scheme, version):
    found = made(DrmSystem.PLAYREADY, scheme)
    pro = read_pssh(found.pssh).data
    assert f'version="{version}"' in pro[10:].decode("utf-16-le")
    encoded = base64.b64encode(pro).decode()
    assert found.smooth_streaming == encoded
    assert f'<pro xmlns="urn:microsoft:playready">{encoded}</pro>' in found.content_protection
    assert encoded in found.hls


@pytest.mark.parametrize(
    ("scheme", "method"), [(ProtectionScheme.CENC, "SAMPLE-AES-CTR"), (ProtectionScheme.CBCS, "SAMPLE-AES")]
)
@pytest.mark.parametrize("system", [DrmSystem.WIDEVINE, DrmSystem.PLAYREADY])
def test_the_method_of_hls_follows_the_scheme(system, scheme, method):
    assert made(system, scheme).hls.startswith(f"METHOD={method},")


@pytest.mark.parametrize("system", list(DrmSystem))
def test_nothing_published_holds_the_key(system):
    shown = repr(made(system))
    for form in (KEY.key.hex(), base64.b64encode(KEY.key).decode(), "0123456789abcdef"):
        assert form not in shown
