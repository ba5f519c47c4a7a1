"""Our builders against the boxes that Shaka Packager writes for the same keys."""

from __future__ import annotations

import pytest

from core.adapters.isobmff.init_segment import read_init_segment
from core.domain.drm.playready_header import HeaderKey, header_version, playready_object, wrm_header
from core.domain.drm.pssh import pssh_box
from core.domain.drm.systems import DrmSystem
from core.domain.drm.widevine_pssh import read_widevine_pssh
from core.domain.media.plan import KeyLabel


def boxes(title, folder: str) -> dict[str, bytes]:
    init = read_init_segment((title.published / folder / "init.mp4").read_bytes())
    return {header.system: header.box for header in init.systems}


@pytest.mark.parametrize(("folder", "label"), [("video/90p", KeyLabel.SD), ("audio/audio-0-en", KeyLabel.AUDIO)])
def test_our_playready_box_is_the_packagers(title, folder, label):
    key, scheme = title.keys.keys[label], title.plan.scheme
    header = wrm_header(header_version(scheme), scheme, [HeaderKey(key.kid, key.key)])
    assert pssh_box(DrmSystem.PLAYREADY, playready_object(header)) == boxes(title, folder)[DrmSystem.PLAYREADY]


def test_our_common_and_widevine_boxes_name_the_kids_that_the_packagers_name(title):
    found = boxes(title, "video/90p")
    kids = {key.kid for key in title.keys.keys.values()}
    init = read_init_segment((title.published / "video/90p/init.mp4").read_bytes())
    headers = {header.system: header for header in init.systems}
    assert set(headers[DrmSystem.COMMON].kids) == kids
    assert pssh_box(DrmSystem.COMMON, kids=headers[DrmSystem.COMMON].kids) == found[DrmSystem.COMMON]
    data = read_widevine_pssh(headers[DrmSystem.WIDEVINE].data)
    assert (set(data.kids), data.scheme) == (kids, title.plan.scheme.value)
    assert pssh_box(DrmSystem.WIDEVINE, data.encoded()) == found[DrmSystem.WIDEVINE]
