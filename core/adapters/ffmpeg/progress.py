"""Readings from `ffmpeg -progress`: key=value lines, a block ends with progress=continue or progress=end."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Reading:
    """Where a tool stands. `out_time` is seconds of output, `speed` output seconds per second.

    `cpu_seconds` and `output_bytes` are sampled for every tool; the rest is known for ffmpeg only.
    """

    frame: int = 0
    out_time: float = 0.0
    fps: float | None = None
    speed: float | None = None
    cpu_seconds: float = 0.0
    output_bytes: int = 0

    @property
    def position(self) -> tuple[int, float, float, int]:
        """What must move while the tool is alive."""
        return (self.frame, self.out_time, self.cpu_seconds, self.output_bytes)


class ProgressParser:
    """Feed it lines; `reading` is the last complete block."""

    def __init__(self) -> None:
        self.reading = Reading()
        self._block: dict[str, str] = {}

    def feed(self, line: str) -> None:
        key, separator, value = line.strip().partition("=")
        if not separator:
            return
        if key != "progress":
            self._block[key] = value.strip()
            return
        self.reading = _read(self._block, self.reading)
        self._block = {}


def _read(block: dict[str, str], before: Reading) -> Reading:
    microseconds = _number(block.get("out_time_us"))
    return replace(
        before,
        frame=int(_number(block.get("frame")) or before.frame),
        out_time=before.out_time if microseconds is None else max(0.0, microseconds / 1e6),
        fps=_number(block.get("fps")),
        speed=_number(block.get("speed", "").removesuffix("x")),
    )


def _number(text: str | None) -> float | None:
    """ffmpeg writes N/A before it knows."""
    try:
        return float(text) if text else None
    except ValueError:
        return None
