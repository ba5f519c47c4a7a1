"""When a source counts as damaged, though it can be published."""

from __future__ import annotations

DECODE_ERRORS = "DECODE_ERRORS"
"""The warning for a source that decodes with errors."""

TOLERATED_ERRORS = 30
"""Lines a decoder may complain in one chunk: the pictures before its first key frame cost a few in sound sources."""
