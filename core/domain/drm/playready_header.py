"""PlayReady headers and objects (PlayReady Header Specification, versions 4.0 to 4.3).

Canonical XML by construction: no declaration, explicit end tags, namespace first, attributes in alphabetical order.
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from core.domain.drm.playready_key import checksum, guid
from core.domain.media.plan import ProtectionScheme

_NAMESPACE = "http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader"
_HEADER_RECORD = 1
_MOST_OBJECT_BYTES = 15 * 1024


class HeaderVersion(StrEnum):
    """By the first PlayReady that reads it: 1, 2, 3 (several keys), 4 (AES-CBC)."""

    V4_0 = "4.0.0.0"
    V4_1 = "4.1.0.0"
    V4_2 = "4.2.0.0"
    V4_3 = "4.3.0.0"


@dataclass(frozen=True)
class HeaderKey:
    """`kid` in hex. With `key`, an AESCTR header carries its checksum."""

    kid: str
    key: bytes | None = field(default=None, repr=False)


def header_version(scheme: ProtectionScheme) -> HeaderVersion:
    """The oldest version that can say what one key of the scheme needs: most clients read it."""
    return HeaderVersion.V4_3 if scheme is ProtectionScheme.CBCS else HeaderVersion.V4_0


def wrm_header(
    version: HeaderVersion, scheme: ProtectionScheme, keys: Sequence[HeaderKey], licence_url: str | None = None
) -> str:
    """The WRMHEADER element. Raises ValueError for what the version cannot say."""
    _refuse_unsayable(version, scheme, keys)
    address = "" if licence_url is None else f"<LA_URL>{_escaped(licence_url)}</LA_URL>"
    if version is HeaderVersion.V4_0:
        data = _protect_info_4_0(keys[0]) + address
    else:
        listed = "".join(_kid(key, scheme) for key in keys)
        several = version in {HeaderVersion.V4_2, HeaderVersion.V4_3}
        data = f"<PROTECTINFO>{f'<KIDS>{listed}</KIDS>' if several else listed}</PROTECTINFO>{address}"
    return f'<WRMHEADER xmlns="{_NAMESPACE}" version="{version}"><DATA>{data}</DATA></WRMHEADER>'


def playready_object(header: str) -> bytes:
    """A PlayReady Object with this one header: what `pssh` boxes, MPDs and playlists carry. Raises ValueError."""
    value = header.encode("utf-16-le")
    record = struct.pack("<HH", _HEADER_RECORD, len(value)) + value
    size = 6 + len(record)
    if size > _MOST_OBJECT_BYTES:
        raise ValueError("a PlayReady Object is at most 15 kilobytes")
    return struct.pack("<IH", size, 1) + record


def _refuse_unsayable(version: HeaderVersion, scheme: ProtectionScheme, keys: Sequence[HeaderKey]) -> None:
    if not keys:
        raise ValueError("a header names at least one key")
    if len(keys) > 1 and version in {HeaderVersion.V4_0, HeaderVersion.V4_1}:
        raise ValueError(f"a header of version {version} names one key")
    if scheme is ProtectionScheme.CBCS and version is not HeaderVersion.V4_3:
        raise ValueError(f"a header of version {version} knows AES-CTR only")


def _protect_info_4_0(key: HeaderKey) -> str:
    mark = "" if key.key is None else f"<CHECKSUM>{_base64(checksum(key.kid, key.key))}</CHECKSUM>"
    info = "<PROTECTINFO><KEYLEN>16</KEYLEN><ALGID>AESCTR</ALGID></PROTECTINFO>"
    return f"{info}<KID>{_base64(guid(key.kid))}</KID>{mark}"


def _kid(key: HeaderKey, scheme: ProtectionScheme) -> str:
    value = _base64(guid(key.kid))
    if scheme is ProtectionScheme.CBCS:
        return f'<KID ALGID="AESCBC" VALUE="{value}"></KID>'
    mark = "" if key.key is None else f' CHECKSUM="{_base64(checksum(key.kid, key.key))}"'
    return f'<KID ALGID="AESCTR"{mark} VALUE="{value}"></KID>'


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _escaped(text: str) -> str:
    """Character data as Canonical XML 1.1 writes it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#xD;")
