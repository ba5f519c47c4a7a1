"""What a player says while it plays."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Beat:
    """`position` in seconds. `tampering` names what the player found wrong with its watermark."""

    position: float | None = None
    watermark_shown: bool = False
    tampering: str | None = None
