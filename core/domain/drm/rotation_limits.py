"""Which crypto periods may be asked for."""

from __future__ import annotations

from core.domain.errors import InvalidInput
from core.domain.media.plan import ProtectionScheme

SHORTEST_PERIOD = 60
"""Seconds. Each period is a licence request of every viewer's."""
LONGEST_PERIOD = 24 * 3600


def refuse_unfit_period(seconds: int | None, scheme: ProtectionScheme, *, own_keys: bool = True) -> None:
    """`own_keys` is false when a key service makes the keys. None asks for nothing. Raises InvalidInput."""
    if seconds is None:
        return
    if not SHORTEST_PERIOD <= seconds <= LONGEST_PERIOD:
        raise _refused(f"A crypto period lasts {SHORTEST_PERIOD} to {LONGEST_PERIOD} seconds.", "CRYPTO_PERIOD_UNFIT")
    if scheme is ProtectionScheme.AES128:
        text = "The keys of an AES-128 video do not change inside it: choose cbcs or cenc, or no crypto period."
        raise _refused(text, "CRYPTO_PERIOD_NEEDS_CENC")
    if not own_keys:
        text = "This installation has its keys from a key service, which is asked for one key a track: set no period."
        raise _refused(text, "CRYPTO_PERIOD_NEEDS_OWN_KEYS")


def _refused(text: str, code: str) -> InvalidInput:
    return InvalidInput(text, code=code, fields={"crypto_period_seconds": text})
