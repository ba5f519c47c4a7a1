"""Workflow ids are business keys: at most one open run each. Made here and nowhere else."""

from __future__ import annotations

from core.contracts.deliver_webhook import DeliverWebhookInput
from core.contracts.version_ref import VersionRef


def publish_video(target: VersionRef) -> str:
    return f"video/{target.organisation_id}/{target.video_id}"


def import_video(target: VersionRef) -> str:
    return f"video-import/{target.organisation_id}/{target.video_id}"


def replace_video(target: VersionRef) -> str:
    """One per version: while a replacement waits for the old version's sessions, the next one may begin."""
    return f"video-replace/{target.organisation_id}/{target.video_id}/{target.version}"


def rekey_video(target: VersionRef) -> str:
    """One per version, as of replacements."""
    return f"video-rekey/{target.organisation_id}/{target.video_id}/{target.version}"


def rotate_keys(organisation_id: str | None) -> str:
    """Of a tenant's key; without organisation, of the root key."""
    return f"keys-rotate/{organisation_id or 'root'}"


def delete_video(organisation_id: str, video_id: str) -> str:
    return f"video-delete/{organisation_id}/{video_id}"


def deliver_webhook(message: DeliverWebhookInput) -> str:
    """One an event, an endpoint and a round: the relay may start it as often as it likes."""
    return f"webhook/{message.organisation_id}/{message.endpoint_id}/{message.event_id}/{message.round}"
