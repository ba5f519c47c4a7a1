"""What a proof of playback measured, whichever way it was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class PlaybackProof:
    """Times in seconds, picture in pixels; `error` is the player's stable code, or None.

    `decoded_audio` counts what the decoder took in: bytes in a browser, frames in a script.
    `key_statuses` maps key ids (hex) to EME's words; a script knows only "usable".
    `page_messages` are the browser's warnings and errors, for example of a Content-Security-Policy.
    """

    method: str
    current_time: float = 0.0
    duration: float = 0.0
    decoded_frames: int = 0
    decoded_audio: int = 0
    width: int = 0
    height: int = 0
    key_statuses: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    screenshot: Path | None = None
    page_messages: tuple[str, ...] = ()

    def proves(self, seconds: float) -> bool:
        """True when that many seconds (or the whole of a shorter title) really were decrypted and decoded."""
        reached = self.current_time >= min(seconds, self.duration * 0.9)
        decoded = self.decoded_frames if self.width else self.decoded_audio
        usable = bool(self.key_statuses) and set(self.key_statuses.values()) == {"usable"}
        return self.error is None and reached and self.current_time > 0 and decoded > 0 and usable

    def summary(self) -> str:
        """One line for a terminal."""
        if self.error is not None:
            return f"{self.method}: did not play ({self.error})"
        picture = f"{self.width}x{self.height}, {self.decoded_frames} frames" if self.width else "audio only"
        return (
            f"{self.method}: played {self.current_time:.1f} s of {self.duration:.1f} s, {picture}, "
            f"{self.decoded_audio} audio units, {len(self.key_statuses)} keys usable"
        )
