"""May this viewer begin one more session, on this device?"""

from __future__ import annotations

from datetime import datetime

from core.db.models import PlaybackSession
from core.db.unit_of_work import UnitOfWork
from core.domain.errors import Forbidden, InvalidInput
from core.domain.playback.endings import EndReason
from core.domain.playback.session_policy import SessionPolicy
from core.ports import Leases, LeasesUnavailable, ViewerRef
from core.services.webhooks.tell_session import tell_ended


async def admit(
    uow: UnitOfWork, leases: Leases | None, session: PlaybackSession, policy: SessionPolicy, now: datetime
) -> None:
    """Call before the session is stored, in the transaction that stores it; when this raises, nothing may be kept.

    Raises Forbidden (DEVICE_BLOCKED, DEVICE_LIMIT, TOO_MANY_STREAMS), InvalidInput for a limit without whom to count
    it for, LeasesUnavailable: streams that cannot be counted are not opened. What has no limit asks no lease store.
    """
    viewer = _viewer(session, policy)
    if viewer is None:
        return
    if policy.max_streams is not None or policy.max_devices is not None:
        # Held until the commit: what one opening was given, the next one sees, even if the lease store forgets it.
        await uow.sessions.lock_viewer(viewer)
    if session.device_id is not None:
        await _register(uow, viewer, session.device_id, policy.max_devices, now)
    if policy.max_streams is not None:
        await _take_place(uow, leases, viewer, session.id, policy, now)


def _viewer(session: PlaybackSession, policy: SessionPolicy) -> ViewerRef | None:
    if session.viewer_id is not None and (session.device_id is not None or policy.max_devices is None):
        return ViewerRef(session.organisation_id, session.viewer_id)
    if policy.max_devices is not None and session.device_id is None:
        raise InvalidInput("A limit of devices needs the device's id.", fields={"device_id": "missing"})
    if policy.max_streams is not None or policy.max_devices is not None:
        raise InvalidInput("A limit per viewer needs the viewer's id.", fields={"viewer_id": "missing"})
    return None


async def _register(uow: UnitOfWork, viewer: ViewerRef, device_id: str, limit: int | None, now: datetime) -> None:
    device = await uow.devices.see(viewer, device_id, now)
    if device.blocked_at is not None:
        raise Forbidden("This device has been blocked for this viewer.", code="DEVICE_BLOCKED")
    is_new = device.first_seen == now
    if limit is not None and is_new and await uow.devices.count_free(viewer) > limit:
        raise Forbidden(
            "The viewer has reached the number of devices. Remove one of them to add this one.", code="DEVICE_LIMIT"
        )


async def _take_place(
    uow: UnitOfWork,
    leases: Leases | None,
    viewer: ViewerRef,
    session_id: str,
    policy: SessionPolicy,
    now: datetime,
) -> None:
    if leases is None or policy.max_streams is None:
        raise LeasesUnavailable("no lease store to count streams with")
    known = await uow.sessions.open_streams(viewer, now)
    admission = await leases.take(viewer, session_id, policy.max_streams, policy.when_full, now, known)
    if not admission.granted:
        raise Forbidden(
            "The viewer is watching as many streams as are allowed. Stop one of them first.", code="TOO_MANY_STREAMS"
        )
    for who, reason in (
        (admission.lapsed, EndReason.TOO_MANY_STREAMS),
        (admission.taken_over, EndReason.TAKEN_OVER),
    ):
        await tell_ended(uow, await uow.sessions.end(viewer.organisation_id, who, reason, now))
