"""Is a rendition exactly on the planned grid? Streaming, so that a long film passes through in little memory."""

from __future__ import annotations


class FrameGrid:
    """Feed it each frame's timestamp in ticks and whether it is a key frame, in any order; then ask for `faults`."""

    def __init__(self, total_frames: int, gop_frames: int, ticks_per_frame: int) -> None:
        self._seen = bytearray(total_frames)
        self._gop = gop_frames
        self._ticks = ticks_per_frame
        self._off_grid = 0
        self._repeated = 0
        self._wrong_keys = 0

    def add(self, ticks: int, *, key: bool) -> None:
        frame, rest = divmod(ticks, self._ticks)
        if rest or not 0 <= frame < len(self._seen):
            self._off_grid += 1
            return
        self._repeated += self._seen[frame]
        self._seen[frame] = 1
        self._wrong_keys += key != (frame % self._gop == 0)

    @property
    def faults(self) -> tuple[str, ...]:
        """Empty when every frame of the plan is there once, on time, and key frames are at the GOP starts only."""
        found = {
            "missing": self._seen.count(0),
            "off the grid": self._off_grid,
            "repeated": self._repeated,
            "with a wrong key flag": self._wrong_keys,
        }
        return tuple(f"{count} frames {what}" for what, count in found.items() if count)
