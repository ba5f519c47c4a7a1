"""Is every sample of a track encrypted, and does it decrypt to the mezzanine's sample, byte for byte?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.adapters.isobmff.avc import length_size, slices, starts_anew
from core.adapters.isobmff.boxes import Buffer
from core.adapters.isobmff.decryption import BLOCK, decrypt_sample, encrypted_bytes, protected_ranges
from core.adapters.isobmff.fragments import FragmentSample, read_fragments
from core.adapters.isobmff.init_segment import InitSegment
from core.adapters.isobmff.protection import TrackEncryption
from core.adapters.isobmff.sample_table import Sample, read_samples
from core.domain.drm.content_key import ContentKey
from core.domain.drm.counter_ranges import CounterRanges
from core.domain.drm.verification import VerificationFailed

_CLEAR_OF_SLICE = 256
"""Bytes of a slice that may stay clear: its header, which players' hardware reads, and a last partial block."""


@dataclass(frozen=True)
class SampleDecryption:
    """How each sample is encrypted (ISO/IEC 23001-7) in one crypto period.

    `group` is what its sample group must say, None where there must not be one. `counters` collects what the key was
    used with.
    """

    encryption: TrackEncryption
    key: ContentKey
    counters: CounterRanges
    group: TrackEncryption | None = None


class SampleComparison:
    """Walks a published track and its mezzanine side by side, one segment at a time, so that memory stays flat.

    `decryption` is that of the next segment; without it segments are given in the clear.
    """

    def __init__(self, init: InitSegment, mezzanine: Buffer) -> None:
        self.samples = 0
        self.decryption: SampleDecryption | None = None
        self._init = init
        self._mezzanine = mezzanine
        self._expected: Iterator[Sample] = read_samples(mezzanine)
        configuration = init.entries[0].configuration
        self._length_size = length_size(configuration) if init.handler == "vide" else 0

    def segment(self, data: bytes) -> None:
        """Check the next media segment. Raises VerificationFailed, and MalformedMedia for broken structure."""
        before = self.samples
        for sample in read_fragments(data, self._init):
            clear = self._check(data, sample)
            if self.samples == before and self._length_size and not starts_anew(clear, self._length_size):
                raise VerificationFailed(f"sample {self.samples} begins the segment and is no key frame")
            self.samples += 1
        if self.samples == before:
            raise VerificationFailed("a segment without samples")

    def finish(self) -> None:
        """After the last segment: nothing of the mezzanine may be left."""
        missing = sum(1 for _ in self._expected)
        if missing:
            raise VerificationFailed(f"{missing} samples at the end are missing")

    def _check(self, data: bytes, sample: FragmentSample) -> bytes:
        place = sample.place
        clear = self._next_clear(place)
        stored = data[place.offset : place.offset + place.size]
        if self.decryption is not None:
            self._check_encrypted(stored, clear, sample, self.decryption)
        elif stored != clear:
            raise VerificationFailed(f"sample {self.samples} is not the mezzanine's")
        return clear

    def _check_encrypted(self, stored: bytes, clear: bytes, sample: FragmentSample, how: SampleDecryption) -> None:
        if sample.group != how.group:
            raise VerificationFailed(f"a sample group overrides how sample {self.samples} is to be encrypted")
        if decrypt_sample(stored, sample.auxiliary, how.encryption, how.key.key) != clear:
            raise VerificationFailed(f"sample {self.samples} does not decrypt to the mezzanine's")
        ranges = protected_ranges(sample.auxiliary, len(stored))
        encrypted = encrypted_bytes(ranges, how.encryption)
        if encrypted >= BLOCK and stored == clear:
            raise VerificationFailed(f"sample {self.samples} is stored in the clear")
        self._check_coverage(clear, ranges)
        if sample.auxiliary.iv:
            how.counters.add(sample.auxiliary.iv, encrypted)

    def _next_clear(self, place: Sample) -> bytes:
        expected = next(self._expected, None)
        if expected is None:
            raise VerificationFailed(f"sample {self.samples} is not in the mezzanine")
        found = (place.size, place.decode_time, place.composition_time)
        if found != (expected.size, expected.decode_time, expected.composition_time):
            raise VerificationFailed(f"sample {self.samples} differs in size or time from the mezzanine's")
        return bytes(self._mezzanine[expected.offset : expected.offset + expected.size])

    def _check_coverage(self, clear: bytes, ranges: list[tuple[int, int]]) -> None:
        """What matters must lie in a protected range: all of an audio sample, every slice but for its header."""
        if not self._length_size:
            if ranges != [(0, len(clear))]:
                raise VerificationFailed(f"sample {self.samples} is partly clear")
            return
        for start, end in slices(clear, self._length_size):
            covered = sum(max(0, min(end, stop) - max(start, first)) for first, stop in ranges)
            if end - start - covered > _CLEAR_OF_SLICE:
                raise VerificationFailed(f"sample {self.samples} has a slice that is mostly clear")
