"""From a policy, a session and a device to what a licence grants: which keys, and until when."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain.drm.levels import Hdcp, SecurityLevel
from core.domain.drm.licence_policy import LicencePolicy, TrackRule
from core.domain.errors import Forbidden
from core.domain.media.plan import KeyLabel


@dataclass(frozen=True)
class SessionTimes:
    started_at: datetime
    expires_at: datetime
    now: datetime


@dataclass(frozen=True)
class DeviceCapabilities:
    """None is not known: then the system itself holds the device to what the licence demands of each key."""

    security_level: SecurityLevel | None = None
    hdcp: Hdcp | None = None

    def satisfies(self, rule: TrackRule) -> bool:
        level, hdcp = self.security_level, self.hdcp
        return (level is None or level >= rule.security_level) and (hdcp is None or hdcp >= rule.hdcp)


#: A licence of ClearKey demands nothing of anybody, so what cannot be promised is not there.
UNPROTECTED = DeviceCapabilities(SecurityLevel.SW_CRYPTO, Hdcp.NONE)


def withheld(policy: LicencePolicy, device: DeviceCapabilities) -> frozenset[KeyLabel]:
    """Labels whose keys no licence of such a device will ever hold."""
    return frozenset(
        label for label in KeyLabel if label not in policy.allowed or not device.satisfies(policy.rule(label))
    )


@dataclass(frozen=True)
class TrackKey:
    """Which key a version has, without its bytes. `kid` is 32 lower-case hex digits."""

    kid: str
    label: KeyLabel


@dataclass(frozen=True)
class TrackGrant:
    kid: str
    label: KeyLabel
    rule: TrackRule


@dataclass(frozen=True)
class LicenceGrant:
    """What every system's licence is compiled from. `renewal_*` and `playback_seconds` are None without such a rule."""

    tracks: tuple[TrackGrant, ...]
    issued_at: datetime
    until: datetime
    persistent: bool
    playback_seconds: int | None = None
    renewal_seconds: int | None = None
    renewal_grace_seconds: int | None = None

    @property
    def seconds(self) -> int:
        """How long the licence lasts; at least one."""
        return int((self.until - self.issued_at).total_seconds())


def decide(
    policy: LicencePolicy,
    session: SessionTimes,
    device: DeviceCapabilities,
    requested: Collection[str] | None,
    keys: Sequence[TrackKey],
    *,
    persistent: bool = False,
) -> LicenceGrant:
    """`requested` None asks for all keys. Keys that the device may not have are left out, so that players degrade.

    Raises Forbidden: OFFLINE_NOT_ALLOWED, LICENCE_WINDOW_OVER, KEYS_REFUSED when none of the keys is the session's,
    DEVICE_REFUSED when none is left.
    """
    if persistent and not policy.persistent:
        raise Forbidden("This video may not be kept for offline use.", code="OFFLINE_NOT_ALLOWED")
    until = _until(policy, session, persistent=persistent)
    if until - session.now < timedelta(seconds=1):
        raise Forbidden("The time in which this video may be played is over.", code="LICENCE_WINDOW_OVER")
    return LicenceGrant(
        tracks=_released(policy, device, requested, keys),
        issued_at=session.now,
        until=until,
        persistent=persistent,
        playback_seconds=policy.playback_seconds,
        renewal_seconds=policy.renewal_seconds,
        renewal_grace_seconds=policy.grace_seconds,
    )


def _until(policy: LicencePolicy, session: SessionTimes, *, persistent: bool) -> datetime:
    rental_end = _after(session.started_at, policy.rental_seconds)
    if persistent and policy.outlives_session and rental_end is not None:
        ends: list[datetime | None] = [rental_end]
    else:
        ends = [session.expires_at, rental_end, _after(session.started_at, policy.playback_seconds)]
    ends += [_after(session.now, policy.licence_seconds), _renewal_end(policy, session)]
    return min(end for end in ends if end is not None)


def _renewal_end(policy: LicencePolicy, session: SessionTimes) -> datetime | None:
    """A session that was ended stops with the licence it holds: renewal keeps each of them short."""
    if policy.renewal_seconds is None:
        return None
    return _after(session.now, policy.renewal_seconds + (policy.grace_seconds or 0))


def _after(start: datetime, seconds: int | None) -> datetime | None:
    return None if seconds is None else start + timedelta(seconds=seconds)


def _released(
    policy: LicencePolicy, device: DeviceCapabilities, requested: Collection[str] | None, keys: Sequence[TrackKey]
) -> tuple[TrackGrant, ...]:
    asked = [key for key in keys if requested is None or key.kid in requested]
    if not asked:
        raise Forbidden("None of the requested keys belongs to this session.", code="KEYS_REFUSED")
    allowed = [TrackGrant(key.kid, key.label, policy.rule(key.label)) for key in asked if key.label in policy.allowed]
    released = tuple(track for track in allowed if device.satisfies(track.rule))
    if not released:
        raise Forbidden("This device may not have any of the requested keys.", code="DEVICE_REFUSED")
    return released
