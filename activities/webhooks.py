"""Steps of delivering a webhook."""

from __future__ import annotations

from temporalio import activity

from activities.reporting import heartbeats
from core.contracts.deliver_webhook import AttemptInput, CloseInput, DeliveryProgress
from core.services.webhooks.attempt_delivery import attempt_delivery
from core.services.webhooks.record_attempt import close_delivery
from core.services.webhooks.tools import DeliveryTools


class WebhookActivities:
    def __init__(self, tools: DeliveryTools) -> None:
        self._tools = tools

    @activity.defn(name="attempt_delivery")
    async def attempt_delivery(self, message: AttemptInput) -> DeliveryProgress:
        async with heartbeats():
            return await attempt_delivery(self._tools, message)

    @activity.defn(name="close_delivery")
    async def close_delivery(self, message: CloseInput) -> None:
        async with self._tools.uow() as uow:
            await close_delivery(uow, message, self._tools.clock.now())
            await uow.commit()
