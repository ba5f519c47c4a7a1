"""A grant in the terms of a FairPlay CKC: the content key duration and the HDCP requirement."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from core.domain.drm.content_key import ContentKey
from core.domain.drm.levels import Hdcp
from core.domain.drm.licence_decision import LicenceGrant, TrackGrant
from core.domain.errors import Forbidden


class DurationType(IntEnum):
    """How the two durations are meant (values as CKCs carry them)."""

    LEASE = 0x1A4BDE7E
    PERSISTENCE_AND_DURATION = 0x18F06048


class HdcpRequirement(IntEnum):
    """Type 1 is HDCP 2.2 and later (values as CKCs carry them)."""

    NOT_REQUIRED = 0xEF72894CA7895B78
    TYPE_0 = 0x40791AC78BD5C571
    TYPE_1 = 0x285A0863BBA8E1D3


@dataclass(frozen=True)
class FairPlayTerms:
    """Seconds. A lease ends playback; a rental bounds a key that may be kept."""

    duration_type: DurationType
    lease_seconds: int
    rental_seconds: int
    hdcp: HdcpRequirement


def fairplay_terms(grant: LicenceGrant, track: TrackGrant) -> FairPlayTerms:
    """One CKC holds one key, so there are terms for each track."""
    hdcp = hdcp_requirement(track.rule.hdcp)
    if grant.persistent:
        return FairPlayTerms(DurationType.PERSISTENCE_AND_DURATION, 0, grant.seconds, hdcp)
    return FairPlayTerms(DurationType.LEASE, grant.seconds, 0, hdcp)


def fairplay_iv(key: ContentKey) -> bytes:
    """The constant IV that a CKC carries beside the key. Raises Forbidden for cenc, which FairPlay does not know."""
    if key.iv is None:
        raise Forbidden("FairPlay plays cbcs only, and this video is cenc.", code="SYSTEM_UNSUPPORTED")
    return key.iv


def hdcp_requirement(level: Hdcp) -> HdcpRequirement:
    """What lies between the two types becomes the stricter one."""
    if level is Hdcp.NONE:
        return HdcpRequirement.NOT_REQUIRED
    return HdcpRequirement.TYPE_0 if level is Hdcp.V1 else HdcpRequirement.TYPE_1
