"""Task queues: one per resource class, never one per feature."""

from __future__ import annotations

ORCHESTRATION = "orchestration"
"""All workflows, database and storage activities: many, light."""

MEDIA = "media"
"""ffmpeg and packager activities: few, heavy, fixed slots."""

EGRESS = "egress"
"""What talks to the customers' world: webhooks, imports. The only queue whose workers need a route out."""
