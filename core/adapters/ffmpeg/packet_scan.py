"""Reading every packet's timestamps, one line at a time: a ten-hour file passes through in constant memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from core.adapters.ffmpeg.probe import SOURCE, guarded_input
from core.domain.media.probed import StreamPackets

_FIELDS = ("stream_index", "pts_time", "dts_time", "duration_time", "flags")
_DISCARDED = "D"
#: As in ffmpeg (-dts_delta_threshold): recordings put one after the other start their clocks anew.
_JUMP_SECONDS = 10.0
_BACKWARDS_SECONDS = 0.1
#: Gaps are counted in steps of this many seconds, and only so many different ones are kept.
_GAP_STEP = 0.0001
_MOST_GAPS = 2000


def packet_scan_command(demuxers: Sequence[str], max_pixels: int) -> list[str]:
    """argv that prints one CSV line a packet, in the order of `_FIELDS`. Packets are read, not decoded."""
    entries = f"packet={','.join(_FIELDS)}"
    guard = guarded_input(demuxers, max_pixels)
    return ["ffprobe", "-v", "error", *guard, "-show_entries", entries, "-of", "csv=p=0", SOURCE]


class PacketScan:
    """Feed it the lines; `streams` has what was seen of each stream by index.

    With `mend_jumps` times after a jump of the clock are shifted to follow on, as ffmpeg does for containers whose
    clock may jump; `jumps` counts them.
    """

    def __init__(self, *, mend_jumps: bool = False) -> None:
        self._seen: dict[int, _Running] = {}
        self._mend_jumps = mend_jumps

    @property
    def jumps(self) -> int:
        return sum(running.jumps for running in self._seen.values())

    @property
    def streams(self) -> dict[int, StreamPackets]:
        return {index: running.summary() for index, running in self._seen.items()}

    def feed(self, line: str) -> None:
        """Side data leaves empty lines behind its packet; they and anything else that is no packet are skipped."""
        fields = line.split(",")
        if len(fields) < len(_FIELDS) or not fields[0].isdecimal():
            return
        index, pts, dts, duration, flags = fields[: len(_FIELDS)]
        if _DISCARDED not in flags:
            running = self._seen.setdefault(int(index), _Running())
            running.measure(_seconds(dts))
            if self._mend_jumps:
                running.follow(_seconds(dts), _seconds(duration) or 0.0)
            running.add(_seconds(pts if pts != "N/A" else dts), _seconds(duration) or 0.0)


class _Running:
    __slots__ = ("before", "covered", "end", "expected", "first", "gaps", "jumps", "last", "offset", "packets")

    def __init__(self) -> None:
        self.packets = 0
        self.first: float | None = None
        self.last: float | None = None
        self.end: float | None = None
        self.covered = 0.0
        self.expected: float | None = None
        self.offset = 0.0
        self.jumps = 0
        self.before: float | None = None
        self.gaps: Counter[int] = Counter()

    def measure(self, decode_time: float | None) -> None:
        """Count how far the packet is from the one before, in the order of decoding, which never goes back."""
        if decode_time is None:
            return
        steps = 0 if self.before is None else round((decode_time - self.before) / _GAP_STEP)
        self.before = decode_time
        if steps > 0 and (steps in self.gaps or len(self.gaps) < _MOST_GAPS):
            self.gaps[steps] += 1

    def follow(self, decode_time: float | None, duration: float) -> None:
        """Move the offset when the clock jumps away from where the last packet ended."""
        if decode_time is None:
            return
        expected = decode_time + self.offset if self.expected is None else self.expected
        delta = decode_time + self.offset - expected
        if delta > _JUMP_SECONDS or delta < -_BACKWARDS_SECONDS - duration:
            self.offset -= delta
            self.jumps += 1
        self.expected = decode_time + self.offset + duration

    def add(self, time: float | None, duration: float) -> None:
        self.packets += 1
        self.covered += duration
        if time is None:
            return
        time += self.offset
        self.first = time if self.first is None else min(self.first, time)
        self.last = time if self.last is None else max(self.last, time)
        self.end = time + duration if self.end is None else max(self.end, time + duration)

    def summary(self) -> StreamPackets:
        return StreamPackets(self.packets, self.first, self.last, self.end, self.covered, self._short_gap())

    def _short_gap(self) -> float | None:
        counted = 0
        for steps, count in sorted(self.gaps.items()):
            counted += count
            if counted * 4 >= self.gaps.total():
                return steps * _GAP_STEP
        return None


def _seconds(text: str) -> float | None:
    return None if text == "N/A" else float(text)
