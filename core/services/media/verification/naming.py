"""Names the object in which a check failed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from core.adapters.isobmff.boxes import MalformedMedia
from core.domain.drm.verification import VerificationFailed


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Says in which object a check failed; broken structure is a failed check too."""
    try:
        yield
    except (VerificationFailed, MalformedMedia) as error:
        raise VerificationFailed(f"{name}: {error}") from error
