"""One event to one endpoint: tried on a schedule of three days until it is taken, or nobody tries any more."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.webhooks import WebhookActivities
    from core.contracts.deliver_webhook import AttemptInput, CloseInput, DeliverWebhookInput, DeliveryProgress
    from core.domain.webhooks.delivery import FailureReason
    from workflows import options
    from workflows.saga import cancellable, to_the_end


@workflow.defn(name="DeliverWebhook")
class DeliverWebhook:
    """Ends Completed, whatever the endpoint answered: that is in the delivery's log. Failed is a fault of ours."""

    @workflow.run
    async def run(self, message: DeliverWebhookInput) -> DeliveryProgress:
        try:
            return await self._deliver(message)
        except (Exception, asyncio.CancelledError) as error:
            cancelled = is_cancelled_exception(error)
            if not (cancelled or workflow.is_failure_exception(error)):
                raise  # a bug in this code, or the way into the next run
            reason = FailureReason.CANCELLED if cancelled else FailureReason.INTERNAL
            await to_the_end(self._close(message, reason))
            raise

    async def _deliver(self, message: DeliverWebhookInput) -> DeliveryProgress:
        so_far = message.so_far or DeliveryProgress()
        while not so_far.done:
            so_far = await cancellable(self._attempt(replace(message, so_far=None), so_far))
            workflow.set_current_details(f"{so_far.attempts} attempts")
            if so_far.wait_seconds > 0:
                await asyncio.sleep(so_far.wait_seconds)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(replace(message, so_far=so_far))
        return so_far

    async def _attempt(self, message: DeliverWebhookInput, so_far: DeliveryProgress) -> DeliveryProgress:
        return await workflow.execute_activity_method(
            WebhookActivities.attempt_delivery,
            AttemptInput(message, so_far, workflow.random().random()),
            **options.delivery(f"attempt {so_far.attempts + 1}"),
        )

    async def _close(self, message: DeliverWebhookInput, reason: FailureReason) -> None:
        await workflow.execute_activity_method(
            WebhookActivities.close_delivery,
            CloseInput(replace(message, so_far=None), reason.value),
            **options.delivery(f"record {reason.value}"),
        )
