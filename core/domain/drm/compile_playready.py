"""A grant in the query syntax of PlayReady's test server, which operators' servers on the Server SDK adopt.

Microsoft, "Query String Syntax for PlayReady Test Server" (2025-06): `(name:value,...)` once per licence.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC
from uuid import UUID

from core.domain.drm.content_key import ContentKey
from core.domain.drm.levels import Hdcp, SecurityLevel
from core.domain.drm.licence_decision import LicenceGrant, TrackGrant
from core.domain.media.plan import ProtectionScheme

#: Explicit digital video output protection: HDCP type 1, content stream of that type.
_HDCP_TYPE_1 = "dvop:(guid:ABB2C6F1-E663-4625-A945-972D17B231E7,data:AAAAAQ==)"
#: HDCP on digital outputs, nothing on analogue ones.
_HDCP_ANY = ("ucvopl:300", "avopl:201")


def playready_configuration(grant: LicenceGrant, keys: Mapping[str, ContentKey]) -> str:
    """The value of `cfg`, with the granted keys in the clear: it goes to the operator's server over TLS only."""
    return ",".join(f"({','.join(_licence(grant, track, keys[track.kid]))})" for track in grant.tracks)


def minimum_level(level: SecurityLevel) -> int:
    """3000 is hardware. The 150 of test devices is never asked for: it would open content to anybody."""
    return 3000 if level >= SecurityLevel.HW_CRYPTO else 2000


def _licence(grant: LicenceGrant, track: TrackGrant, key: ContentKey) -> list[str]:
    return [
        f"kid:{UUID(track.kid)}",
        f"contentkey:{base64.b64encode(key.key).decode()}",
        f"ckt:{'aescbc' if key.scheme is ProtectionScheme.CBCS else 'aesctr'}",
        f"sl:{minimum_level(track.rule.security_level)}",
        *_lifetime(grant),
        *_outputs(track.rule.hdcp),
    ]


def _lifetime(grant: LicenceGrant) -> list[str]:
    terms = [f"persist:{str(grant.persistent).lower()}", f"enddate:{grant.until.astimezone(UTC):%Y%m%d%H%M%S}"]
    if grant.persistent and grant.playback_seconds is not None:
        terms.append(f"firstexp:{grant.playback_seconds}")
    return [*terms, "realtime:true"]


def _outputs(level: Hdcp) -> tuple[str, ...]:
    if level is Hdcp.NONE:
        return ()
    # Between "any HDCP" and "type 1", which is 2.2, nothing can be said: the stricter one holds.
    return _HDCP_ANY if level is Hdcp.V1 else (*_HDCP_ANY, _HDCP_TYPE_1)
