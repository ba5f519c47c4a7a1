"""Move the segments of later crypto periods under their own keys. The packager encrypted all with those of the first.

Its own rotation cannot be used for files: it forgets keys that its slowest track still needs (ADR 13).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from core.adapters.isobmff.boxes import MalformedMedia
from core.adapters.isobmff.fragments import read_fragments
from core.adapters.isobmff.init_segment import InitSegment, read_init_segment
from core.adapters.isobmff.protection import TrackEncryption
from core.adapters.isobmff.rekeyed_segment import SegmentKey, rekeyed_segment
from core.adapters.packager.hls_periods import RotatedSegment, rotate_playlist
from core.adapters.packager.layout import INIT
from core.domain.drm.content_key import ContentKey, kids_by_period
from core.domain.drm.system_headers import system_boxes
from core.domain.media.crypto_periods import CryptoPeriods


def rotate_keys(output: Path, keys: Mapping[str, ContentKey], periods: CryptoPeriods) -> None:
    """Rewrite segments and playlists of each folder in place, once. Blocking; memory stays below a few segments.

    Raises MalformedMedia for what the packager should not have written.
    """
    kids = kids_by_period(keys.values())
    for folder, key in keys.items():
        _Rotation(output / folder, key, kids, periods).run()


class _Rotation:
    def __init__(self, folder: Path, key: ContentKey, kids: list[list[str]], periods: CryptoPeriods) -> None:
        self._folder = folder
        self._key = key
        self._kids = kids
        self._periods = periods
        self._init = read_init_segment((folder / INIT).read_bytes())
        self._encryption = _announced(self._init)

    def run(self) -> None:
        segments = {path.name: self._segment(path) for path in self._folder.glob("*.m4s")}
        for playlist in self._folder.glob("*.m3u8"):
            rotated = rotate_playlist(playlist.read_text("utf-8"), self._key, self._kids, segments)
            playlist.write_text(rotated, "utf-8")

    def _segment(self, path: Path) -> RotatedSegment:
        data = path.read_bytes()
        first = next(iter(read_fragments(data, self._init)), None)
        if first is None:
            raise MalformedMedia(f"{path.name} has no samples")
        shown = first.place.composition_time - self._init.edit_start
        period = self._periods.at(shown, self._init.timescale)
        if not period:
            return RotatedSegment(0)
        moved = self._moved(data, period)
        path.write_bytes(moved)
        return RotatedSegment(period, len(moved) - len(data))

    def _moved(self, data: bytes, period: int) -> bytes:
        key = self._key.periods[period]
        before = SegmentKey(self._encryption, self._key.key)
        after = SegmentKey(replace(self._encryption, kid=key.kid, constant_iv=key.iv), key.key)
        systems = system_boxes(key, self._kids[period])
        return rekeyed_segment(data, self._init, before, after, b"".join(systems.values()))


def _announced(init: InitSegment) -> TrackEncryption:
    encryption = init.entries[0].encryption
    if encryption is None:
        raise MalformedMedia("a track that should be protected is clear")
    return encryption
