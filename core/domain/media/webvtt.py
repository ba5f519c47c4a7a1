"""Captions as their owners write them (W3C WebVTT, section 4): checked, and otherwise left as they are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.domain.errors import InvalidInput

MOST_BYTES = 2 * 1024**2
"""A whole day of speech is below that."""

_TIME = r"(?:(\d{2,4}):)?([0-5]\d):([0-5]\d\.\d{3})"
_TIMING = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?", re.ASCII)
_ENDINGS = re.compile(r"\r\n?")


@dataclass(frozen=True)
class Captions:
    """`end` is when the last cue ends, in seconds from the start of the title."""

    text: str
    end: float


def is_webvtt(data: bytes) -> bool:
    """By the signature (section 4.1); a byte order mark may stand before it."""
    return data.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT")


def read_captions(data: bytes) -> Captions:
    """With line feeds, without a byte order mark. Raises InvalidInput (CAPTIONS_INVALID), naming the line."""
    if not is_webvtt(data):
        raise _refused("the file must be WebVTT, and begin with WEBVTT")
    if len(data) > MOST_BYTES:
        raise _refused(f"the file is larger than {MOST_BYTES} bytes")
    try:
        text = _ENDINGS.sub("\n", data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _refused("the file is not UTF-8") from None
    if "\0" in text:
        raise _refused("the file holds NUL")
    end = 0.0
    for number, line in enumerate(text.split("\n"), 1):
        if "-->" in line:
            end = max(end, _cue_end(line, number))
    if not end:
        raise _refused("there is no cue in the file")
    return Captions(text.rstrip("\n") + "\n", end)


def _cue_end(line: str, number: int) -> float:
    found = _TIMING.fullmatch(line.strip())
    if found is None:
        raise _refused(f"line {number} is no timing such as 00:01.000 --> 00:02.500")
    times = found.groups()
    start, end = _seconds(*times[:3]), _seconds(*times[3:])
    if end <= start:
        raise _refused(f"the cue of line {number} ends before it starts")
    return end


def _seconds(hours: str | None, minutes: str, seconds: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)


def _refused(reason: str) -> InvalidInput:
    return InvalidInput(f"captions: {reason}", code="CAPTIONS_INVALID", fields={"file": reason})
