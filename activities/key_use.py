"""How the audit of content keys names a step of a workflow."""

from __future__ import annotations

from temporalio import activity

from core.domain.drm.key_audit import KeyPurpose, KeyUse


def key_use(purpose: KeyPurpose) -> KeyUse:
    """Call it inside an activity."""
    info = activity.info()
    return KeyUse(purpose, actor=f"step:{info.activity_type}", request_id=f"{info.workflow_id}/{info.workflow_run_id}")
