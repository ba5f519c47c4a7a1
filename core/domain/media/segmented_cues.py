"""One WebVTT file out of the segments that HLS players fetch (RFC 8216, 3.5; W3C WebVTT, 4.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable

_BLANK_LINES = re.compile(r"\n{2,}")


def joined_cues(segments: Iterable[str]) -> str:
    """All cues in order, each once. A cue is in every segment that it is shown in, whole and with all its time.

    So a cue that the segment before has too goes on; two equal cues of the title are in one segment together and stay
    two. Raises ValueError for a segment that is not WebVTT.
    """
    cues: list[str] = []
    before: frozenset[str] = frozenset()
    for segment in segments:
        header, *blocks = _BLANK_LINES.split(segment.strip("\n"))
        if header != "WEBVTT":
            raise ValueError("a segment is not plain WebVTT")
        cues += [block for block in blocks if block not in before]
        before = frozenset(blocks)
    return "\n\n".join(["WEBVTT", *cues]) + "\n"
