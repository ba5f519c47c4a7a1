"""VdoCipher's hooks: endpoints that are sent VdoCipher's form of a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.db.models import WebhookEndpoint
from core.db.unit_of_work import UnitOfWork
from core.domain.egress.destination import EgressPolicy
from core.domain.errors import InvalidInput, NotFound
from core.domain.webhooks.endpoint import HOOK_EVENTS, DisabledReason, EndpointKind
from core.ports import RootKeyVault
from core.services.webhooks.disable_endpoint import disable_endpoint
from core.services.webhooks.manage_endpoint import EndpointWish, EndpointWithSecret, create_endpoint, remove_endpoint

_LONGEST_URL = 2000


async def list_hooks(uow: UnitOfWork, organisation_id: str) -> Sequence[WebhookEndpoint]:
    """Oldest first."""
    return await uow.webhook_endpoints.all(organisation_id, EndpointKind.VDOCIPHER)


async def create_hook(
    uow: UnitOfWork,
    vault: RootKeyVault,
    policy: EgressPolicy,
    organisation_id: str,
    given: Mapping[str, Any],
    now: datetime,
) -> EndpointWithSecret:
    """`given` is the body of the request. Raises InvalidInput, Conflict. The caller commits."""
    url, event = given.get("value"), given.get("event", "video:ready")
    if given.get("type", "http") != "http":
        raise InvalidInput("The type of a hook is http.", fields={"type": "must be http"})
    if not isinstance(url, str) or not 0 < len(url) <= _LONGEST_URL:
        raise InvalidInput("A hook needs an address: value.", fields={"value": "missing"})
    if not isinstance(event, str) or event not in HOOK_EVENTS:
        raise InvalidInput(f"The event of a hook is one of {', '.join(HOOK_EVENTS)}.", fields={"event": "unknown"})
    made = await create_endpoint(uow, vault, policy, organisation_id, EndpointWish(url, hook_event=event), now)
    # Whatever clients mean by off: 0, "0", false.
    if given.get("status", 1) in (0, "0", "false"):
        await disable_endpoint(uow, made.endpoint, DisabledReason.OWNER, now)
    return made


async def remove_hook(uow: UnitOfWork, organisation_id: str, hook_id: str) -> None:
    """Raises NotFound, also for an endpoint of our own kind. The caller commits."""
    if not any(hook.id == hook_id for hook in await list_hooks(uow, organisation_id)):
        raise NotFound("There is no such hook.", code="HOOK_NOT_FOUND")
    await remove_endpoint(uow, organisation_id, hook_id)
