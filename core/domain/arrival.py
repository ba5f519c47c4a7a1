"""When to look whether an upload that nobody reports as finished has arrived."""

from __future__ import annotations

from datetime import datetime, timedelta

_SOONEST = timedelta(seconds=10)
_LATEST = timedelta(minutes=5)
_SHARE = 10
"""The longer nothing has come, the less it matters to know at once: a tenth of the time that has passed."""


def next_look(announced: datetime, now: datetime) -> datetime:
    """Ever later, so that credentials which nobody uses cost little."""
    return now + min(max((now - announced) / _SHARE, _SOONEST), _LATEST)
