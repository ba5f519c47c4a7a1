"""One policy for licences of every system. Each rule takes something away; none gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from core.domain.drm import licence_rules as read
from core.domain.drm.levels import Hdcp, SecurityLevel
from core.domain.media.plan import KeyLabel


@dataclass(frozen=True)
class TrackRule:
    """What a device must be and do to get the key of one label."""

    security_level: SecurityLevel = SecurityLevel.SW_CRYPTO
    hdcp: Hdcp = Hdcp.NONE

    def stricter_of(self, other: Self) -> Self:
        return type(self)(max(self.security_level, other.security_level), max(self.hdcp, other.hdcp))


@dataclass(frozen=True)
class LicencePolicy:
    """Seconds throughout; None is no limit of its own.

    `rental_seconds` counts from the opening of the session. With `outlives_session` it alone bounds a persistent
    licence, which otherwise ends with the session: a rule that asks for that comes with its own end.
    `playback_seconds` counts from the first play, which for streaming is the opening of the session;
    `licence_seconds` bounds each single licence; with `renewal_seconds` each lasts that long, plus the grace.
    `offline_downloads` counts per device.
    """

    rental_seconds: int | None = None
    playback_seconds: int | None = None
    licence_seconds: int | None = None
    renewal_seconds: int | None = None
    renewal_grace_seconds: int | None = None
    persistent: bool = False
    outlives_session: bool = False
    offline_devices: int | None = None
    offline_downloads: int | None = None
    allowed: frozenset[KeyLabel] = frozenset(KeyLabel)
    tracks: Mapping[KeyLabel, TrackRule] = field(default_factory=dict)

    @classmethod
    def from_rules(cls, rules: Mapping[str, Any]) -> Self:
        """VdoCipher's `canPersist` and `rentalDuration`, and our extensions; unknown keys are ignored.

        Raises InvalidInput (LICENCE_RULES_INVALID) naming the field.
        """
        rental, persistent = read.seconds(rules, "rentalDuration"), read.flag(rules, "canPersist")
        return cls(
            rental_seconds=rental,
            playback_seconds=read.seconds(rules, "playbackDuration"),
            licence_seconds=read.seconds(rules, "licenseDuration"),
            renewal_seconds=read.seconds(rules, "renewalInterval"),
            renewal_grace_seconds=read.seconds(rules, "renewalGrace"),
            persistent=persistent,
            outlives_session=persistent and rental is not None,
            offline_devices=read.count(rules, "offlineDevices"),
            offline_downloads=read.count(rules, "offlineDownloads"),
            allowed=_allowed(rules),
            tracks=_tracks(rules),
        )

    @property
    def asks_for_a_device(self) -> bool:
        """Whether some label is only for devices above the lowest level."""
        return any(rule.security_level > SecurityLevel.SW_CRYPTO for rule in self.tracks.values())

    @property
    def grace_seconds(self) -> int | None:
        """As long again as the interval, unless the rule says otherwise: one renewal may fail."""
        return None if self.renewal_seconds is None else self.renewal_grace_seconds or self.renewal_seconds

    def rule(self, label: KeyLabel) -> TrackRule:
        return self.tracks.get(label, TrackRule())

    def narrowed_by(self, other: Self) -> Self:
        """Both at once: of each rule the stricter."""
        return type(self)(
            rental_seconds=_less(self.rental_seconds, other.rental_seconds),
            playback_seconds=_less(self.playback_seconds, other.playback_seconds),
            licence_seconds=_less(self.licence_seconds, other.licence_seconds),
            renewal_seconds=_less(self.renewal_seconds, other.renewal_seconds),
            renewal_grace_seconds=_less(self.grace_seconds, other.grace_seconds),
            persistent=self.persistent and other.persistent,
            outlives_session=self.outlives_session and other.outlives_session,
            offline_devices=_less(self.offline_devices, other.offline_devices),
            offline_downloads=_less(self.offline_downloads, other.offline_downloads),
            allowed=self.allowed & other.allowed,
            tracks={label: self.rule(label).stricter_of(other.rule(label)) for label in (*self.tracks, *other.tracks)},
        )


#: Narrows nothing: for those who are asked about a policy and change nothing of it.
TAKES_NOTHING = LicencePolicy(persistent=True, outlives_session=True)


def _allowed(rules: Mapping[str, Any]) -> frozenset[KeyLabel]:
    """A list of video labels is about pictures: a player without sound would only fail."""
    return read.labels(rules, "allowedTracks") | {KeyLabel.AUDIO}


def _tracks(rules: Mapping[str, Any]) -> dict[KeyLabel, TrackRule]:
    """One label spelled twice, as in "HD" and "hd", keeps the stricter of both."""
    given, tracks = read.mapping(rules, "tracks"), dict[KeyLabel, TrackRule]()
    for name in given:
        label = read.label(name, "tracks")
        tracks[label] = _track_rule(given, name).stricter_of(tracks.get(label, TrackRule()))
    return tracks


def _track_rule(given: Mapping[str, Any], name: str) -> TrackRule:
    rules = read.mapping(given, name)
    return TrackRule(read.security_level(rules, "securityLevel"), read.hdcp(rules, "hdcp"))


def _less(one: int | None, other: int | None) -> int | None:
    return min((value for value in (one, other) if value is not None), default=None)
