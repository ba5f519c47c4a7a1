"""Task queues: one per resource class, never one per feature."""

from __future__ import annotations

ORCHESTRATION = "orchestration"
"""All workflows, database and storage activities: many, light."""

MEDIA = "media"
"""ffmpeg and packager activities: few, heavy, fixed slots."""

EGRESS = "egress"
"""What calls addresses that customers gave: many, slow, on hosts that reach the internet."""
