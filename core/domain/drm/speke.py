"""SPEKE v2.0 and v2.1: what an encryptor asks a key provider for, as a profile of CPIX 2.3 and 2.4.

https://docs.aws.amazon.com/speke/latest/documentation/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.domain.drm.systems import DrmSystem
from core.domain.errors import DomainError
from core.domain.media.plan import ProtectionScheme


class SpekeRefused(DomainError):
    """`detail` goes out as it is: encryptors know the sentences that the specification prescribes."""

    code = "SPEKE_REFUSED"


class SpekeVersion(StrEnum):
    V2_0 = "2.0"
    V2_1 = "2.1"


CPIX_VERSIONS = {SpekeVersion.V2_0: "2.3", SpekeVersion.V2_1: "2.4"}

#: CPIX 2.4 allows the encryption methods of HLS beside the schemes of ISO/IEC 23001-7.
_SCHEMES = {"cenc": ProtectionScheme.CENC, "cbcs": ProtectionScheme.CBCS}
_HLS_METHODS = {"SAMPLE-AES-CTR": ProtectionScheme.CENC, "SAMPLE-AES": ProtectionScheme.CBCS}
SCHEMES = {SpekeVersion.V2_0: _SCHEMES, SpekeVersion.V2_1: _SCHEMES | _HLS_METHODS}

#: What the playlist beside `media` is called: CPIX 2.4 says `multiVariant` where SPEKE says `master`.
MASTER_PLAYLISTS = {SpekeVersion.V2_0: ("master",), SpekeVersion.V2_1: ("master", "multiVariant")}


@dataclass(frozen=True)
class RequestedKey:
    """`kid` in hex; `iv` is the constant one that the encryptor would like, 16 bytes."""

    kid: str
    iv: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class UsageRule:
    """Which tracks a key is for. `track_type` joins sub-components by "+"; one filter describes each of them."""

    kid: str
    track_type: str
    video_filters: int
    audio_filters: int
    plain: bool
    """No filter has an attribute: all video, all audio."""
    periods: tuple[str, ...] = ()


@dataclass(frozen=True)
class SpekeRequest:
    """`periods` maps ids of crypto periods to their indexes; `recipients` are X.509 certificates in DER."""

    content_id: str
    scheme: ProtectionScheme
    keys: tuple[RequestedKey, ...]
    systems: tuple[tuple[str, DrmSystem], ...]
    rules: tuple[UsageRule, ...]
    periods: Mapping[str, int]
    recipients: tuple[bytes, ...]

    def rule_of(self, kid: str) -> UsageRule:
        return next(rule for rule in self.rules if rule.kid == kid)

    def crypto_period_of(self, kid: str) -> int | None:
        """The index of the key's first period; None for a key that does not rotate."""
        return min((self.periods[period] for period in self.rule_of(kid).periods), default=None)


def speke_version(header: str | None) -> SpekeVersion:
    """Of the `X-Speke-Version` header; its absence marks SPEKE v1. Raises SpekeRefused."""
    try:
        return SpekeVersion(header or "")
    except ValueError:
        raise SpekeRefused("Unsupported SPEKE version") from None


def refuse_incompatible(scheme: ProtectionScheme | None, system: DrmSystem) -> None:
    """`scheme` is None for one that we know but no system of ours does. Raises SpekeRefused."""
    if scheme is None or (system is DrmSystem.FAIRPLAY and scheme is not ProtectionScheme.CBCS):
        raise SpekeRefused(f"ContentKey@commonEncryptionScheme non compatible with DRMSystem {system.value}")
