"""Is each segment under the key of its crypto period, and do fragment and playlist say so?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.adapters.isobmff.fragments import fragment_systems, read_fragments
from core.adapters.isobmff.init_segment import InitSegment
from core.adapters.isobmff.protection import TrackEncryption
from core.domain.drm.content_key import ContentKey
from core.domain.drm.counter_ranges import CounterRanges
from core.domain.drm.verification import VerificationFailed
from core.domain.media.crypto_periods import CryptoPeriods
from core.services.media.verification.headers import check_embedded, check_lines, check_systems
from core.services.media.verification.manifests import DashTrack
from core.services.media.verification.samples import SampleComparison, SampleDecryption


@dataclass(frozen=True)
class TrackProtection:
    """How a track is to be encrypted; `encryption` is that of its first period.

    For each crypto period, `kids` has those of all labels, and `counters` what the track's key was used with.
    """

    encryption: TrackEncryption
    key: ContentKey
    kids: Sequence[Sequence[str]]
    counters: Sequence[CounterRanges]

    def decryption(self, period: int) -> SampleDecryption:
        """Later periods are announced by a sample group, the first by the track."""
        key, counters = self.key.periods[period], self.counters[period]
        if not period:
            return SampleDecryption(self.encryption, key, counters)
        encryption = replace(self.encryption, kid=key.kid, constant_iv=key.iv)
        return SampleDecryption(encryption, key, counters, group=encryption)


def check_shown(init: InitSegment, shown: DashTrack) -> None:
    """The DRM headers of the initialisation segment, in the manifests. Raises VerificationFailed.

    Where keys change the MPD must name none: see `finish_mpd`.
    """
    if shown.kid is not None:
        check_embedded(init.systems, shown.embedded | shown.runs[0].embedded)
        return
    if shown.embedded:
        raise VerificationFailed("the MPD carries DRM headers, of one crypto period only")
    check_lines(init.systems, shown.runs[0])


class TrackComparison:
    """A published track against its mezzanine, over all of its crypto periods."""

    def __init__(
        self,
        comparison: SampleComparison,
        init: InitSegment,
        periods: CryptoPeriods,
        protection: TrackProtection,
        shown: DashTrack,
    ) -> None:
        self._comparison = comparison
        self._init = init
        self._periods = periods
        self._protection = protection
        self._shown = shown
        self._segments = 0

    @property
    def samples(self) -> int:
        return self._comparison.samples

    def segment(self, data: bytes) -> None:
        """Check the next media segment. Raises VerificationFailed, and MalformedMedia for broken structure."""
        period = self._period(data)
        if self._shown.shown_period(self._segments) != period:
            raise VerificationFailed(f"it is announced under another key than that of crypto period {period}")
        self._check_systems(data, period)
        self._comparison.decryption = self._protection.decryption(period)
        self._comparison.segment(data)
        self._segments += 1

    def finish(self) -> None:
        """After the last segment: nothing of the mezzanine may be left."""
        self._comparison.finish()

    def _period(self, data: bytes) -> int:
        """By when its first sample is shown. Its time is the mezzanine's, which is checked next."""
        first = next(iter(read_fragments(data, self._init)), None)
        if first is None:
            raise VerificationFailed("a segment without samples")
        return self._periods.at(first.place.composition_time - self._init.edit_start, self._init.timescale)

    def _check_systems(self, data: bytes, period: int) -> None:
        systems = fragment_systems(data)
        if not period:
            if systems:
                raise VerificationFailed("a segment of the first crypto period brings DRM headers of its own")
            return
        check_systems(systems, self._protection.key.periods[period], self._protection.kids[period])
        check_lines(systems, self._shown.runs[period])
