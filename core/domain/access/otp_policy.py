"""What a playback OTP permits. Decided when it is issued; redeeming it can only narrow this."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.domain.access.location_fields import geo_json, ordered_json
from core.domain.access.locations import GeoRule, InCountry, OrderedRules
from core.domain.access.referrers import ReferrerRule
from core.domain.access.watermarks import Item
from core.domain.playback.session_policy import WhenFull

DEFAULT_TTL = 6 * 3600
"""Seconds; VdoCipher's default (docs playbackauth/ttl)."""


@dataclass(frozen=True)
class OtpPolicy:
    """`ttl` in seconds; `uses`, `max_streams` and `max_devices` None are no limit; `forced_bitrate` is kbit/s."""

    ttl: int = DEFAULT_TTL
    uses: int | None = None
    viewer_id: str | None = field(default=None, repr=False)
    referrers: ReferrerRule | None = None
    geo: GeoRule | None = None
    ordered: OrderedRules | None = None
    max_streams: int | None = None
    when_full: WhenFull = WhenFull.OLDEST_WINS
    max_devices: int | None = None
    forced_bitrate: int | None = None
    bind_ip: bool = False
    licence_rules: Mapping[str, Any] = field(default_factory=dict)
    watermark: tuple[Item, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def names_countries(self) -> bool:
        """Whether it can be obeyed only with a database of countries."""
        geo = (*self.geo.allow, *self.geo.block, *self.geo.exceptions) if self.geo else ()
        ordered = any(rule.countries for rule in self.ordered.rules) if self.ordered else False
        return ordered or any(
            isinstance(part, InCountry) for entry in geo for part in getattr(entry, "entries", [entry])
        )

    def as_json(self) -> dict[str, Any]:
        """The OTP request that asks for this policy: one form on the wire and in the database, one reader for both."""
        fields = {
            "ttl": self.ttl,
            "uses": self.uses,
            "userId": self.viewer_id,
            "whitelisthref": self.referrers and self.referrers.as_json(),
            "ipGeo": self.geo and geo_json(self.geo),
            "ipGeoRules": self.ordered and ordered_json(self.ordered),
            "maxStreams": self.max_streams,
            "whenFull": self.when_full.value,
            "maxDevices": self.max_devices,
            "forcedBitrate": self.forced_bitrate,
            "bindIp": self.bind_ip or None,
            "licenseRules": dict(self.licence_rules) or None,
            "annotate": [dict(item) for item in self.watermark] or None,
            "variables": dict(self.variables) or None,
        }
        return {name: value for name, value in fields.items() if value is not None}
