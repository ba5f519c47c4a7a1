"""What a session will never have the keys of, so that its manifests need not offer it.

Shaka Player goes without keys that a licence lacks; dash.js and hls.js ask for each key of what they choose, and stop.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.adapters.packager.layout import folder
from core.db.unit_of_work import UnitOfWork
from core.domain.drm.licence_decision import UNPROTECTED, DeviceCapabilities, withheld
from core.domain.drm.licence_policy import LicencePolicy
from core.domain.errors import Forbidden
from core.domain.media.plan import KeyLabel, ProtectionScheme
from core.domain.playback.path_signature import MediaGrant
from core.domain.playback.session_policy import SessionPolicy


async def withheld_tracks(uow: UnitOfWork, grant: MediaGrant, now: datetime, *, protected: bool) -> frozenset[str]:
    """Folders of video tracks, such as "video/1080p"; never all of them, since refusing all is the licence's to do.

    `protected` says that some DRM system may answer for the device; without one, rules on devices count here too.
    Raises Forbidden for a session that is unknown or has ended.
    """
    found = await uow.sessions.with_plan(grant.organisation_id, grant.session_id)
    if found is None:
        raise Forbidden("There is no such session.", code="SESSION_UNKNOWN")
    session, plan = found
    if session.ended_at is not None or session.expires_at <= now:
        raise Forbidden("The playback session has ended.", code="SESSION_ENDED")
    policy = LicencePolicy.from_rules(SessionPolicy.from_json(session.policy).licence_rules)
    labels = _labels(plan or {})
    unprotected = not protected or (plan or {}).get("scheme") == ProtectionScheme.AES128
    never = withheld(policy, UNPROTECTED if unprotected else DeviceCapabilities())
    tracks = frozenset(name for name, label in labels.items() if label in never)
    return frozenset() if len(tracks) == len(labels) else tracks


def _labels(plan: dict[str, Any]) -> dict[str, KeyLabel]:
    renditions = (plan.get("video") or {}).get("renditions", ())
    return {folder("video", each["name"]): KeyLabel(each["label"]) for each in renditions}
