"""Does the file hold what its header promises? A header written first survives any cut of what follows."""

from __future__ import annotations

from collections.abc import Mapping

from core.domain.failures import FailureCode, VideoRejected
from core.domain.media.magic import ISO_BMFF, ContainerFamily
from core.domain.media.packet_times import latest_end, span
from core.domain.media.probed import ProbedFile, ProbedStream, StreamPackets

#: Muxers round and count the last frame differently; a cut loses more than this share of the promised time ...
MISSING_SHARE = 0.05
#: ... and, where only durations can be compared, more than this many seconds.
MISSING_SECONDS = 1.0
#: Where frames are counted as well, that much missing time is enough.
MISSING_SECONDS_COUNTED = 0.1

_NOTHING = StreamPackets()


def check_complete(probed: ProbedFile, seen: Mapping[int, StreamPackets], family: ContainerFamily) -> None:
    """Raise VideoRejected(TRUNCATED) when packets end well before what a trustworthy header declares."""
    if family == ISO_BMFF:
        for stream in probed.streams:
            _check_track(stream, seen.get(stream.index, _NOTHING), probed.start)
    elif family.declares_duration and probed.duration:
        ends = [latest_end(seen[s.index], s, probed.start) for s in probed.streams if s.index in seen]
        _compare(probed.duration, max(ends, default=0.0), "the file")


def _check_track(stream: ProbedStream, packets: StreamPackets, origin: float) -> None:
    """The sample table says how much there is; a track that promises no samples is empty, not cut."""
    if stream.kind not in {"video", "audio"} or stream.still or not stream.declared_duration:
        return
    if packets.packets == 0:
        if stream.declared_packets:
            raise _truncated(f"stream {stream.index}", stream.declared_duration, 0.0)
        return
    shown = span(packets, stream, origin)
    length = shown.end - shown.start
    if stream.kind == "video" and stream.declared_packets:
        # An edit list may leave frames out on purpose: then the declared duration shrinks with them.
        if packets.packets < stream.declared_packets * (1 - MISSING_SHARE):
            _compare(stream.declared_duration, length, f"stream {stream.index}", MISSING_SECONDS_COUNTED)
    else:
        _compare(stream.declared_duration, length, f"stream {stream.index}")


def _compare(declared: float, shown: float, what: str, tolerance: float = MISSING_SECONDS) -> None:
    if declared - shown > max(tolerance, declared * MISSING_SHARE):
        raise _truncated(what, declared, shown)


def _truncated(what: str, declared: float, shown: float) -> VideoRejected:
    return VideoRejected(FailureCode.TRUNCATED, f"{what} declares {declared:.3f} s and holds {shown:.3f} s")
