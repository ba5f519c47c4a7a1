"""What we change in the packager's HLS playlists (RFC 8216bis). Pure text to text; every URI stays relative."""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from core.adapters.packager.layout import MEDIA_PLAYLIST, folder
from core.domain.media.plan import AudioPlan, SubtitlePlan

_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)')
_MEDIA = "#EXT-X-MEDIA:"
_KEY = "#EXT-X-KEY:"
VARIANT = "#EXT-X-STREAM-INF:"
_IFRAMES = "#EXT-X-I-FRAME-STREAM-INF:"

CLEARKEY_FORMAT = '"org.w3.clearkey"'
"""KEYFORMAT of W3C ClearKey, as hls.js knows it."""

Attributes = dict[str, str]
"""Attribute list of a tag, in order; quoted values keep their quotes."""


@dataclass(frozen=True)
class AudioStreams:
    """Of all audio tracks together: the highest bandwidth in bits per second, and codecs as RFC 6381 names them."""

    bandwidth: int
    codecs: str


def parse_attributes(line: str) -> Attributes:
    """Attributes of a tag line such as `#EXT-X-MEDIA:TYPE=AUDIO,NAME="English"`."""
    return dict(_ATTRIBUTE.findall(line.partition(":")[2]))


def format_tag(line: str, attributes: Attributes) -> str:
    """The tag of `line` with other attributes."""
    return f"{line.partition(':')[0]}:{','.join(f'{key}={value}' for key, value in attributes.items())}"


def finish_media_playlist(text: str, kid: str | None) -> str:
    """Drop key lines of the format "identity", and offer ClearKey. `kid` (hex) is None for a track in the clear.

    The packager writes "identity" for the common system, with the KID or an skd: address where players expect the key
    itself; Shaka Player then refuses the stream. hls.js takes the KID from the ClearKey line and asks a licence server
    for the key; players that do not know the format choose another line.
    """
    lines = [line for line in text.splitlines() if not _is_identity_key(line)]
    first = next((at for at, line in enumerate(lines) if line.startswith(_KEY)), None)
    if first is not None and kid is not None:
        lines.insert(first, _clearkey_line(parse_attributes(lines[first])["METHOD"], kid))
    return _lines(lines)


def _is_identity_key(line: str) -> bool:
    return line.startswith(_KEY) and parse_attributes(line).get("KEYFORMAT", '"identity"') == '"identity"'


def _clearkey_line(method: str, kid: str) -> str:
    data = base64.b64encode(bytes.fromhex(kid)).decode()
    uri = f'"data:text/plain;base64,{data}"'
    return format_tag(_KEY, {"METHOD": method, "URI": uri, "KEYFORMAT": CLEARKEY_FORMAT, "KEYFORMATVERSIONS": '"1"'})


def finish_master_playlist(
    text: str,
    audio: Collection[AudioPlan],
    subtitles: Collection[SubtitlePlan],
    only_audio: AudioStreams | None = None,
) -> str:
    """Put names, languages and the default, autoselect and forced flags of the plan into the EXT-X-MEDIA tags.

    `only_audio` is given for a title without video. The packager then writes a variant for each language, among which
    players would choose by bandwidth, and none at all beside subtitles; one variant with all tracks takes their place.
    """
    selection = {**_selection("audio", audio), **_selection("text", subtitles)}
    lines = [_peaked(line) for line in text.splitlines()]
    lines = [_media_tag(line, selection) if line.startswith(_MEDIA) else line for line in lines]
    if only_audio is not None:
        lines = [*_without_variants(lines), *_audio_variant(only_audio, audio, with_text=bool(subtitles))]
    return _lines(lines)


def _peaked(line: str) -> str:
    """No average above the peak (RFC 8216bis, 4.4.6.2): the packager's peak leaves out a short last segment."""
    found = parse_attributes(line) if line.startswith((VARIANT, _IFRAMES)) else {}
    peak, average = int(found.get("BANDWIDTH", "0")), int(found.get("AVERAGE-BANDWIDTH", "0"))
    return line.replace(f":BANDWIDTH={peak},", f":BANDWIDTH={average},") if average > peak else line


def _without_variants(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("#") and not line.startswith(VARIANT)]


def _audio_variant(streams: AudioStreams, audio: Collection[AudioPlan], *, with_text: bool) -> list[str]:
    first = min(audio, key=lambda track: not track.default)
    attributes = f'BANDWIDTH={streams.bandwidth},CODECS={_quoted(streams.codecs)},AUDIO="audio"'
    attributes += ',SUBTITLES="text"' if with_text else ""
    return [f"{VARIANT}{attributes},CLOSED-CAPTIONS=NONE", f"{folder('audio', first.name)}/{MEDIA_PLAYLIST}"]


def _media_tag(line: str, selection: dict[str, Attributes]) -> str:
    found = parse_attributes(line)
    wanted = selection[found["URI"].strip('"')]
    kept = {key: value for key, value in found.items() if key in {"TYPE", "URI", "GROUP-ID", "CHANNELS"}}
    return format_tag(_MEDIA, {**kept, **wanted})


def _selection(kind: str, tracks: Iterable[AudioPlan | SubtitlePlan]) -> dict[str, Attributes]:
    """Attributes by playlist URI. AUTOSELECT goes to one track per language and purpose (RFC 8216bis, 4.4.6.1.1)."""
    result: dict[str, Attributes] = {}
    taken: set[tuple[str, bool]] = set()
    for track in sorted(tracks, key=lambda each: not each.default):
        forced = isinstance(track, SubtitlePlan) and track.forced
        autoselect = track.default or (track.language, forced) not in taken
        taken.add((track.language, forced))
        result[f"{folder(kind, track.name)}/{MEDIA_PLAYLIST}"] = _attributes(
            track, autoselect=autoselect, forced=forced
        )
    return result


def _attributes(track: AudioPlan | SubtitlePlan, *, autoselect: bool, forced: bool) -> Attributes:
    attributes = {"NAME": _quoted(track.title)}
    if track.language != "und":
        attributes["LANGUAGE"] = _quoted(track.language)
    attributes["DEFAULT"] = "YES" if track.default else "NO"
    attributes["AUTOSELECT"] = "YES" if autoselect else "NO"
    if forced:
        attributes["FORCED"] = "YES"
    return attributes


def _quoted(value: str) -> str:
    """A quoted-string has no escapes: quotes and line ends cannot be said in it (RFC 8216, 4.2)."""
    return '"' + re.sub(r'["\r\n]', "'", value) + '"'


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"
