"""A protected track decrypted, segment by segment, into the clear file that the packager takes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from core.adapters.isobmff.avc import length_size, starts_anew
from core.adapters.isobmff.decryption import decrypt_sample
from core.adapters.isobmff.fragments import read_fragments
from core.adapters.isobmff.init_segment import read_init_segment
from core.adapters.isobmff.progressive import ClearSample, ProgressiveWriter
from core.adapters.isobmff.protection import TrackEncryption
from core.domain.drm.content_key import ContentKey
from core.domain.drm.verification import VerificationFailed
from core.services.media.verification.whole_segments import opened


class RegainedTrack:
    """Blocking, and memory stays below a few segments. All raise VerificationFailed or MalformedMedia.

    `iv` is given for segments that are encrypted as a whole.
    """

    def __init__(self, header: bytes, key: ContentKey, out: BinaryIO, iv: bytes | None = None) -> None:
        self._init = read_init_segment(header)
        self._key = key
        self._iv = iv
        self._keys = {period.kid: period for period in key.periods}
        self._encryption = self._announced()
        self._length_size = length_size(self._init.entries[0].configuration) if self._init.handler == "vide" else 0
        self._writer = ProgressiveWriter(out, header, self._init)

    def _announced(self) -> TrackEncryption | None:
        """How samples are encrypted. The wrong key would make noise of sound, and nobody would notice."""
        if len(self._init.entries) != 1:
            raise VerificationFailed(f"one sample entry expected, {len(self._init.entries)} found")
        found, key = self._init.entries[0].encryption, self._key
        announced = (found.kid, found.scheme) if found else None
        if announced != (None if self._iv else (key.kid, key.scheme.value)):
            raise VerificationFailed(f"it is not protected by the key of label {key.label}")
        return found

    def segment(self, data: bytes) -> None:
        """The next media segment."""
        clear = opened(data, self._key.key, self._iv) if self._iv else data
        self._writer.chunk(self._samples(clear))

    def _samples(self, data: bytes) -> Iterator[ClearSample]:
        for sample in read_fragments(data, self._init):
            place = sample.place
            clear = data[place.offset : place.offset + place.size]
            how = sample.group or self._encryption
            if how is not None:
                clear = decrypt_sample(clear, sample.auxiliary, how, self._key_of(how).key)
            key_frame = not self._length_size or starts_anew(clear, self._length_size)
            yield ClearSample(clear, place.decode_time, place.composition_time, sample.duration, key_frame)

    def _key_of(self, how: TrackEncryption) -> ContentKey:
        """That of the sample's crypto period."""
        if not how.protected or how.kid not in self._keys:
            raise VerificationFailed(f"a sample is not protected by a key of label {self._key.label}")
        return self._keys[how.kid]

    def finish(self) -> None:
        """After the last segment: the file is complete."""
        self._writer.finish()
