"""A content key in the clear. It exists in memory only, and never shows its bytes in a repr, a log or an exception."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.domain.media.plan import KeyLabel, ProtectionScheme


@dataclass(frozen=True)
class ContentKey:
    """One AES-128 key of one version of a video. `kid` is 32 lower-case hex digits.

    `iv` is the constant 16-byte initialisation vector of cbcs (ISO/IEC 23001-7, 9.6); it is None for cenc, where the
    packager draws a fresh one for each stream: a fixed one would repeat AES-CTR key stream across renditions.

    `later` are the keys of the label's further crypto periods, in their order; this one is that of the first.
    """

    kid: str
    label: KeyLabel
    scheme: ProtectionScheme
    key: bytes = field(repr=False)
    iv: bytes | None = field(default=None, repr=False)
    later: tuple[ContentKey, ...] = field(default=(), repr=False)

    @property
    def periods(self) -> tuple[ContentKey, ...]:
        """The keys of all crypto periods, in their order; one when keys do not change."""
        return (self, *self.later)

    def __post_init__(self) -> None:
        if len(self.key) != 16 or len(bytes.fromhex(self.kid)) != 16:
            raise ValueError(f"key and kid must be 16 bytes each (label {self.label})")
        if (self.iv is not None) != (self.scheme is ProtectionScheme.CBCS):
            raise ValueError(f"cbcs needs a constant IV and cenc must not have one (label {self.label})")
        if self.iv is not None and len(self.iv) != 16:
            raise ValueError(f"a constant IV is 16 bytes (label {self.label})")
        if any((key.label, key.scheme) != (self.label, self.scheme) for key in self.later):
            raise ValueError(f"the crypto periods of label {self.label} are of one label and scheme")


def kids_by_period(keys: Iterable[ContentKey]) -> list[list[str]]:
    """For each crypto period in turn, the KIDs of all labels. Raises ValueError when labels have unlike counts."""
    labels = {key.label: key for key in keys}
    return [[key.kid for key in period] for period in zip(*(key.periods for key in labels.values()), strict=True)]
