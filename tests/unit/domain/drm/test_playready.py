"""Microsoft's own vectors: the PlayReady Header Specification's examples, under the documented Test Key Seed."""

from __future__ import annotations

import base64
import hashlib
import struct
import uuid

import pytest
from Crypto.Cipher import AES
from lxml import etree

from core.domain.drm.playready_header import HeaderKey, HeaderVersion, header_version, playready_object, wrm_header
from core.domain.drm.playready_key import checksum, guid, key_from_seed
from core.domain.media.plan import ProtectionScheme

CENC, CBCS = ProtectionScheme.CENC, ProtectionScheme.CBCS

#: "Test Key Seed" of Microsoft's page "PlayReady Test Server Service".
SEED = base64.b64decode("XVBovsmzhP9gRIZxWfFta3VVRPzVEWmJsazEJ46I")
#: KID as headers carry it, and its CHECKSUM.
CHECKSUMS = [
    ("0IbHou/5s0yzM80yOkKEpQ==", "xNvWVxoWk04="),
    ("/qgG2xbs4k2SKCxx6bhWqw==", "GnKaQIRacPU="),
    ("4Rplb+TbNES8tGkNFWTEHA==", "KLj3QzQP/NA="),
]
#: Section 3.4.2, without its DS_ID and the spaces between elements.
DOCUMENTED_4_2 = (
    '<WRMHEADER xmlns="http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader" version="4.2.0.0">'
    "<DATA><PROTECTINFO><KIDS>"
    '<KID ALGID="AESCTR" CHECKSUM="xNvWVxoWk04=" VALUE="0IbHou/5s0yzM80yOkKEpQ=="></KID>'
    '<KID ALGID="AESCTR" CHECKSUM="GnKaQIRacPU=" VALUE="/qgG2xbs4k2SKCxx6bhWqw=="></KID>'
    "</KIDS></PROTECTINFO>"
    "<LA_URL>http://rm.contoso.com/rightsmanager.asmx</LA_URL></DATA></WRMHEADER>"
)
#: Section 3.3.2, likewise.
DOCUMENTED_4_3 = (
    '<WRMHEADER xmlns="http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader" version="4.3.0.0">'
    '<DATA><PROTECTINFO><KIDS><KID ALGID="AESCBC" VALUE="PV1LM/VEVk+kEOB8qqcWDg=="></KID>'
    '<KID ALGID="AESCBC" VALUE="tuhDoKUN7EyxDPtMRNmhyA=="></KID></KIDS></PROTECTINFO>'
    "<LA_URL>http://rm.contoso.com/rightsmanager.asmx</LA_URL></DATA></WRMHEADER>"
)
URL = "http://rm.contoso.com/rightsmanager.asmx"
KIDS = [uuid.uuid4().hex, uuid.uuid4().hex]


def kid_of(value: str) -> str:
    return uuid.UUID(bytes_le=base64.b64decode(value)).hex


def seeded(value: str) -> HeaderKey:
    return HeaderKey(kid_of(value), key_from_seed(SEED, kid_of(value)))


@pytest.mark.parametrize(("value", "mark"), CHECKSUMS)
def test_documented_checksums_come_out_of_the_documented_seed(value, mark):
    key = seeded(value)
    assert base64.b64encode(guid(key.kid)).decode() == value
    assert base64.b64encode(checksum(key.kid, key.key)).decode() == mark


def test_the_documented_headers_are_reproduced():
    assert wrm_header(HeaderVersion.V4_2, CENC, [seeded(value) for value, _ in CHECKSUMS[:2]], URL) == DOCUMENTED_4_2
    kids = [kid_of("PV1LM/VEVk+kEOB8qqcWDg=="), kid_of("tuhDoKUN7EyxDPtMRNmhyA==")]
    assert wrm_header(HeaderVersion.V4_3, CBCS, [HeaderKey(kid) for kid in kids], URL) == DOCUMENTED_4_3


def test_the_seed_is_cut_to_30_bytes_and_refused_when_shorter():
    assert key_from_seed(SEED + b"more", KIDS[0]) == key_from_seed(SEED, KIDS[0])
    with pytest.raises(ValueError, match="30 bytes"):
        key_from_seed(SEED[:29], KIDS[0])


def test_the_seed_algorithm_agrees_with_the_documented_loop():
    """Microsoft's page XORs byte by byte over the three digests and their upper halves."""
    key_id = uuid.UUID(KIDS[0]).bytes_le
    digests = [hashlib.sha256(t).digest() for t in (SEED + key_id, SEED + key_id + SEED, SEED + key_id + SEED + key_id)]
    expected = bytes(
        digests[0][i] ^ digests[0][i + 16] ^ digests[1][i] ^ digests[1][i + 16] ^ digests[2][i] ^ digests[2][i + 16]
        for i in range(16)
    )
    assert key_from_seed(SEED, KIDS[0]) == expected


def test_the_checksum_agrees_with_another_implementation_of_aes():
    key = bytes(range(16))
    expected = AES.new(key, AES.MODE_ECB).encrypt(uuid.UUID(KIDS[0]).bytes_le)[:8]
    assert checksum(KIDS[0], key) == expected


@pytest.mark.parametrize(
    ("version", "scheme", "count"),
    [
        (HeaderVersion.V4_0, CENC, 1),
        (HeaderVersion.V4_1, CENC, 1),
        (HeaderVersion.V4_2, CENC, 2),
        (HeaderVersion.V4_3, CENC, 2),
        (HeaderVersion.V4_3, CBCS, 2),
    ],
)
@pytest.mark.parametrize("keys_known", [True, False])
def test_every_version_is_canonical_xml(version, scheme, count, keys_known):
    keys = [HeaderKey(kid, bytes(16) if keys_known else None) for kid in KIDS[:count]]
    header = wrm_header(version, scheme, keys, "https://licence.example/?a=1&b=<2>")
    root = etree.fromstring(header)
    assert etree.tostring(root, method="c14n").decode() == header
    assert root.get("version") == version
    assert root.findtext(".//{*}LA_URL") == "https://licence.example/?a=1&b=<2>"
    assert ("CHECKSUM" in header) == (keys_known and scheme is CENC)
    values = [e.get("VALUE") or e.text for e in root.iter("{*}KID")]
    assert [kid_of(value) for value in values] == KIDS[:count]


@pytest.mark.parametrize(
    ("version", "scheme", "count"),
    [
        (HeaderVersion.V4_0, CENC, 2),
        (HeaderVersion.V4_1, CENC, 2),
        (HeaderVersion.V4_0, CBCS, 1),
        (HeaderVersion.V4_1, CBCS, 1),
        (HeaderVersion.V4_2, CBCS, 1),
        (HeaderVersion.V4_3, CBCS, 0),
    ],
)
def test_what_a_version_cannot_say_is_refused(version, scheme, count):
    with pytest.raises(ValueError, match="header"):
        wrm_header(version, scheme, [HeaderKey(kid) for kid in KIDS[:count]])


def test_the_chosen_version_is_the_oldest_that_will_do():
    assert header_version(CENC) is HeaderVersion.V4_0
    assert header_version(CBCS) is HeaderVersion.V4_3


def test_an_object_holds_one_header_record():
    data = playready_object(DOCUMENTED_4_2)
    size, count, kind, length = struct.unpack_from("<IHHH", data)
    assert (size, count, kind, length) == (len(data), 1, 1, len(data) - 10)
    assert data[10:].decode("utf-16-le") == DOCUMENTED_4_2


def test_an_object_above_15_kilobytes_is_refused():
    with pytest.raises(ValueError, match="15 kilobytes"):
        playready_object("x" * 8000)


def test_a_key_does_not_show_itself():
    assert "secret" not in repr(HeaderKey(KIDS[0], b"secretsecretsecr"))
