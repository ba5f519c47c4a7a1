"""Task queues: one per resource class, never one per feature."""

from __future__ import annotations

ORCHESTRATION = "orchestration"
"""All workflows, database and storage activities: many, light."""

MEDIA = "media"
"""ffmpeg and packager activities: few, heavy, fixed slots."""

EGRESS = "egress"
"""Deliveries of webhooks. With imports the only work that needs a route out."""

IMPORTS = "imports"
"""Transfers from the customers' servers. They last for hours: on a queue with deliveries they would hold those up."""
