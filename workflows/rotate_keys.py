"""Rotate a tenant's key, or the root key: a new one wraps, and everything below the old ones moves under it."""

from __future__ import annotations

from dataclasses import replace

from temporalio import workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.keys import KeyActivities
    from core.contracts.rotate_keys import NextVersionInput, RewrapInput, Rewrapped, RotateKeysInput
    from workflows import options
    from workflows.saga import cancellable

INCOMPLETE = "ROTATION_INCOMPLETE"


@workflow.defn(name="RotateKeys")
class RotateKeys:
    """Forward only: at every moment each key opens under the key that wraps it, so a cancel leaves nothing to undo."""

    @workflow.run
    async def run(self, message: RotateKeysInput) -> Rewrapped:
        so_far = message.so_far or await self._begin(message)
        pages = 0
        while not so_far.done:
            if pages == message.pages_per_run:
                workflow.continue_as_new(replace(message, so_far=so_far))
            so_far = so_far.plus(await cancellable(self._page(message, so_far.after)))
            pages += 1
            workflow.set_current_details(f"{so_far.rewrapped} keys re-wrapped, {so_far.refused} do not open")
        return _complete(so_far)

    async def _begin(self, message: RotateKeysInput) -> Rewrapped:
        """The version is asked for first: making it is then safe to repeat."""
        if message.organisation_id is not None:
            version = await cancellable(
                workflow.execute_activity_method(
                    KeyActivities.next_tenant_key_version,
                    NextVersionInput(message.organisation_id),
                    **options.reading("which version comes next"),
                )
            )
            await cancellable(
                workflow.execute_activity_method(
                    KeyActivities.activate_tenant_key,
                    version,
                    **options.database(f"activate version {version.version}"),
                )
            )
        return Rewrapped()

    async def _page(self, message: RotateKeysInput, after: str | None) -> Rewrapped:
        rewrap = RewrapInput(message.organisation_id, message.everything, after)
        if message.organisation_id is None:
            return await workflow.execute_activity_method(
                KeyActivities.rewrap_tenant_keys, rewrap, **options.rewrapping("re-wrap tenant keys")
            )
        return await workflow.execute_activity_method(
            KeyActivities.rewrap_secrets, rewrap, **options.rewrapping("re-wrap what the tenant key wraps")
        )


def _complete(so_far: Rewrapped) -> Rewrapped:
    """Keys that did not open are for people to look into: the old key above them must be kept."""
    if so_far.refused:
        named = ", ".join(so_far.examples)
        raise ApplicationError(
            f"{so_far.rewrapped} keys were re-wrapped; {so_far.refused} do not open and stay as they are: {named}",
            type=INCOMPLETE,
            non_retryable=True,
        )
    return so_far
