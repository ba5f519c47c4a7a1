"""Why a playback session was ended before it expired."""

from __future__ import annotations

from enum import StrEnum


class EndReason(StrEnum):
    """Stored with the session and told to its player. Stable: a reason is added, never renamed."""

    ENDED = "ENDED"
    """The customer's backend ended it."""
    TAKEN_OVER = "TAKEN_OVER"
    """A newer stream of the same viewer took its place."""
    TOO_MANY_STREAMS = "TOO_MANY_STREAMS"
    """It had been silent, and another stream of the same viewer got its place."""
    DEVICE_BLOCKED = "DEVICE_BLOCKED"
    DEVICE_RESET = "DEVICE_RESET"
    """Its device was forgotten with all others of the viewer."""
    WATERMARK_MISSING = "WATERMARK_MISSING"
    """Its player went on without showing the watermark that it had to show."""

    @classmethod
    def _missing_(cls, value: object) -> EndReason:  # noqa: ARG003 - the enum's signature
        """What another version of Sealcast wrote is an ending all the same."""
        return cls.ENDED
