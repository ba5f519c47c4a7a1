"""What players ask of a licence service, whatever their system's encoding of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from core.domain.errors import InvalidInput


class KeySystem(StrEnum):
    """Names as they appear in routes and in the audit."""

    CLEARKEY = "clearkey"
    AES128 = "aes128"
    WIDEVINE = "widevine"
    FAIRPLAY = "fairplay"
    PLAYREADY = "playready"


class ChallengeKind(StrEnum):
    """`certificate` asks for the service's public certificate, with which players hide who they are."""

    CERTIFICATE = "certificate"
    NEW = "new"
    RENEWAL = "renewal"
    RELEASE = "release"


@dataclass(frozen=True)
class Challenge:
    """`kids` is None where they cannot be read outside of the service. `persistent` asks for an offline licence."""

    system: KeySystem
    body: bytes = field(repr=False)
    kind: ChallengeKind = ChallengeKind.NEW
    kids: frozenset[str] | None = None
    persistent: bool = False


def not_a_challenge(reason: str) -> InvalidInput:
    return InvalidInput(
        "That is not a licence request of this system.", code="CHALLENGE_INVALID", fields={"body": reason}
    )
