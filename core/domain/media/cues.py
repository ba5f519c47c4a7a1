"""The cues of a subtitle track as players should get them (W3C WebVTT, sections 4.1 and 4.2.2)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_TIME = r"(?:(\d{2,}):)?(\d\d):(\d\d\.\d{3})"
_TIMING = re.compile(f"{_TIME} --> {_TIME}", re.ASCII)
#: All the markup that ffmpeg's encoder writes; any other "<" was a character of the text.
_TAG = re.compile(r"(</?[biu]>)")
#: Subtitle files often hold these although their format knows none; players show what was meant.
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|nbsp|lrm|rlm);)")
_BLANK_LINES = re.compile(r"\n{2,}")

#: What `clean_cues` gives for a track in which there is nothing to read.
NO_CUES = "WEBVTT\n"


@dataclass(frozen=True)
class Cue:
    """Seconds from the title's start, and lines of text as ffmpeg writes them."""

    start: float
    end: float
    text: list[str]


def clean_cues(written: str, duration: float) -> str:
    """Rewrite ffmpeg's WebVTT for a title of `duration` seconds.

    Text is escaped: otherwise "1 < 2" loses its end, and a line with an arrow, or an empty one, ends the cue before
    its text does. What nobody could see is left out: a single cue hours after the end would make segments up to there.
    """
    end = math.floor(duration * 1000 + 0.001) / 1000
    shown = [cue for cue in _cues(written) if cue.start < min(cue.end, end) and any(map(str.strip, cue.text))]
    return "\n\n".join(["WEBVTT", *(_block(cue, end) for cue in shown)]) + "\n"


def _cues(written: str) -> list[Cue]:
    found: list[Cue] = []
    for block in _BLANK_LINES.split(written.strip("\n"))[1:]:
        first, *text = block.split("\n")
        if timing := _TIMING.fullmatch(first):
            found.append(Cue(_seconds(*timing.groups()[:3]), _seconds(*timing.groups()[3:]), text))
        elif found:
            found[-1].text.extend((first, *text))
    return found


def _seconds(hours: str | None, minutes: str, seconds: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)


def _block(cue: Cue, end: float) -> str:
    timing = f"{_time(cue.start)} --> {_time(min(cue.end, end))}"
    return "\n".join([timing, *(_escaped(line) for line in cue.text if line.strip())])


def _time(seconds: float) -> str:
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{milliseconds / 1000:06.3f}"


def _escaped(line: str) -> str:
    return "".join(part if _TAG.fullmatch(part) else _entities(part) for part in _TAG.split(line))


def _entities(text: str) -> str:
    return _AMPERSAND.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
