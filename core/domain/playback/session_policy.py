"""What a playback session was opened under. Fixed when it opens; licences, heartbeats and the player obey it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self


class WhenFull(StrEnum):
    """Whose stream a viewer keeps when all of them are taken."""

    OLDEST_WINS = "oldest_wins"
    NEWEST_WINS = "newest_wins"


@dataclass(frozen=True)
class SessionPolicy:
    """`max_streams` and `max_devices` count per viewer; None is no limit. `forced_bitrate` is kbit/s.

    `bind_ip` refuses licences to other addresses than the session's; networks of phones change theirs.

    `licence_rules` is what the licence policy accepted when the OTP was issued; `watermark` holds the items with
    their variables filled in.
    """

    max_streams: int | None = None
    when_full: WhenFull = WhenFull.OLDEST_WINS
    max_devices: int | None = None
    forced_bitrate: int | None = None
    licence_rules: Mapping[str, Any] = field(default_factory=dict)
    watermark: tuple[Mapping[str, Any], ...] = ()
    bind_ip: bool = False

    def as_json(self) -> dict[str, Any]:
        """What a JSONB column stores; `from_json` reads it back, and an empty object is no limit at all."""
        return {
            "max_streams": self.max_streams,
            "when_full": self.when_full.value,
            "max_devices": self.max_devices,
            "forced_bitrate": self.forced_bitrate,
            "licence_rules": dict(self.licence_rules),
            "watermark": [dict(item) for item in self.watermark],
            "bind_ip": self.bind_ip,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(
            max_streams=stored.get("max_streams"),
            when_full=WhenFull(stored.get("when_full", WhenFull.OLDEST_WINS)),
            max_devices=stored.get("max_devices"),
            forced_bitrate=stored.get("forced_bitrate"),
            licence_rules=dict(stored.get("licence_rules", {})),
            watermark=tuple(dict(item) for item in stored.get("watermark", ())),
            bind_ip=stored.get("bind_ip", False),
        )
