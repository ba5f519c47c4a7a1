"""The verdict on a packaged version that is not what it must be."""

from __future__ import annotations

from core.domain.errors import DomainError
from core.domain.failures import FailureCode


class VerificationFailed(DomainError):
    """What was published is not the protected form of the mezzanine. Our fault, and final for this attempt.

    `detail` names track, segment and sample; it never holds bytes of content or keys.
    """

    code = FailureCode.VERIFICATION_FAILED.value
