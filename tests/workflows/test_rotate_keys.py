"""RotateKeys: pages until nothing is left, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.client import Client, WorkflowFailureError
from temporalio.exceptions import ApplicationError, CancelledError

from core.contracts import workflow_ids
from core.contracts.rotate_keys import NextVersionInput, RewrapInput, Rewrapped, RotateKeysInput, TenantKeyVersion
from core.contracts.version_ref import VersionRef
from core.domain.errors import Conflict
from core.ports import KeyServiceUnavailable
from tests.fixtures.scripted_activities import Behaviour, ScriptedActivities
from tests.workflows.conftest import Workers
from workflows.gateway import TemporalGateway

TENANT_STEPS = ["next_tenant_key_version", "activate_tenant_key", "rewrap_secrets"]


def pages(*made: Rewrapped) -> Behaviour:
    """One answer a call; the last again and again."""
    left = list(made)

    async def answer(_: Any) -> Rewrapped:
        return left.pop(0) if len(left) > 1 else left[0]

    return answer


THREE_PAGES = (Rewrapped("1" * 32, 1000), Rewrapped("2" * 32, 1000), Rewrapped("3" * 32, 7, done=True))


async def rotate(client: Client, message: RotateKeysInput) -> Rewrapped:
    gateway = TemporalGateway(client)
    await gateway.start_rotation(message)
    return await gateway.wait_for_rotation(message.organisation_id)


async def test_a_tenants_key_is_replaced_before_what_it_wrapped_moves(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    organisation_id = target.organisation_id
    script.results["next_tenant_key_version"] = TenantKeyVersion(organisation_id, 5)
    async with workers(script):
        done = await rotate(client, RotateKeysInput(organisation_id))
    assert (done.rewrapped, done.refused) == (7, 0)
    assert script.calls == [
        ("next_tenant_key_version", NextVersionInput(organisation_id)),
        ("activate_tenant_key", TenantKeyVersion(organisation_id, 5)),
        ("rewrap_secrets", RewrapInput(organisation_id, everything=False, after=None)),
    ]


async def test_the_root_key_is_a_matter_of_tenant_keys_only(client: Client, workers: Workers) -> None:
    script = ScriptedActivities()
    async with workers(script):
        done = await rotate(client, RotateKeysInput(everything=True))
    assert done.rewrapped == 2
    assert script.calls == [("rewrap_tenant_keys", RewrapInput(None, everything=True, after=None))]


@pytest.mark.parametrize("pages_per_run", [1, 2, 500])
async def test_a_large_catalogue_goes_on_in_further_runs(
    client: Client, workers: Workers, target: VersionRef, pages_per_run: int
) -> None:
    script = ScriptedActivities()
    script.behaviours["rewrap_secrets"] = pages(*THREE_PAGES)
    async with workers(script):
        done = await rotate(client, RotateKeysInput(target.organisation_id, pages_per_run=pages_per_run))
    assert done.rewrapped == 2007
    assert script.names() == [*TENANT_STEPS, *["rewrap_secrets"] * 2]
    assert [message.after for _, message in script.calls[2:]] == [None, "1" * 32, "2" * 32]


async def test_keys_that_do_not_open_fail_the_rotation_after_all_others_moved(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    bad = Rewrapped("1" * 32, 999, 1, ("0" * 31 + "1",))
    script.behaviours["rewrap_secrets"] = pages(bad, *THREE_PAGES[1:])
    async with workers(script):
        with pytest.raises(Conflict, match=r"2006 keys were re-wrapped; 1 do not open .*: 0{31}1") as refused:
            await rotate(client, RotateKeysInput(target.organisation_id))
        with pytest.raises(WorkflowFailureError) as failure:
            await client.get_workflow_handle(workflow_ids.rotate_keys(target.organisation_id)).result()
    assert refused.value.code == "ROTATION_INCOMPLETE"
    assert isinstance(failure.value.cause, ApplicationError)
    assert failure.value.cause.type == "ROTATION_INCOMPLETE"


@pytest.mark.parametrize("step", TENANT_STEPS)
async def test_a_permanent_failure_of_a_step_ends_the_rotation(
    client: Client, workers: Workers, target: VersionRef, step: str
) -> None:
    script = ScriptedActivities()

    async def refuse(_: Any) -> None:
        raise Conflict("The organisation has no key yet.")

    script.behaviours[step] = refuse
    async with workers(script):
        with pytest.raises(Conflict, match="no key yet"):
            await rotate(client, RotateKeysInput(target.organisation_id))
    assert script.names() == TENANT_STEPS[: TENANT_STEPS.index(step) + 1]


async def test_an_outage_of_the_kms_delays_a_rotation(client: Client, workers: Workers) -> None:
    script = ScriptedActivities()
    failures = [KeyServiceUnavailable("503"), KeyServiceUnavailable("503")]

    async def answer(_: Any) -> Rewrapped:
        if failures:
            raise failures.pop()
        return Rewrapped(rewrapped=4, done=True)

    script.behaviours["rewrap_tenant_keys"] = answer
    async with workers(script):
        assert (await rotate(client, RotateKeysInput())).rewrapped == 4
    assert len(script.calls) == 3


async def test_a_cancel_ends_between_two_transactions_and_a_new_rotation_finishes(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    started = script.block("rewrap_secrets")
    message = RotateKeysInput(target.organisation_id)
    async with workers(script):
        await TemporalGateway(client).start_rotation(message)
        await asyncio.wait_for(started.wait(), 20)
        handle = client.get_workflow_handle(workflow_ids.rotate_keys(target.organisation_id))
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
        assert isinstance(failure.value.cause, CancelledError)
        assert script.cancelled == ["rewrap_secrets"]
        del script.behaviours["rewrap_secrets"]
        assert (await rotate(client, message)).done


async def test_a_cancel_is_not_lost_when_the_page_ends_by_itself(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def pause(_: Any) -> Rewrapped:
        reached.set()
        await go_on.wait()
        return THREE_PAGES[0]

    script.behaviours["rewrap_secrets"] = pause
    async with workers(script):
        await TemporalGateway(client).start_rotation(RotateKeysInput(target.organisation_id))
        await asyncio.wait_for(reached.wait(), 20)
        handle = client.get_workflow_handle(workflow_ids.rotate_keys(target.organisation_id))
        await handle.cancel()
        go_on.set()
        with pytest.raises(WorkflowFailureError) as failure:
            await handle.result()
    assert isinstance(failure.value.cause, CancelledError)
    assert script.names() == TENANT_STEPS


async def test_a_worker_that_dies_is_replaced_and_the_history_goes_on(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    started = script.block("rewrap_secrets")
    async with workers(script):
        await TemporalGateway(client).start_rotation(RotateKeysInput(target.organisation_id))
        await asyncio.wait_for(started.wait(), 20)
    successor = ScriptedActivities()
    async with workers(successor):
        done = await TemporalGateway(client).wait_for_rotation(target.organisation_id)
    assert done.rewrapped == 7
    assert successor.names() == ["rewrap_secrets"]


async def test_a_duplicate_start_joins_the_running_rotation_and_tenants_do_not_meet(
    client: Client, workers: Workers, target: VersionRef
) -> None:
    script = ScriptedActivities()
    message = RotateKeysInput(target.organisation_id)
    async with workers(script):
        await asyncio.gather(rotate(client, message), rotate(client, message), rotate(client, RotateKeysInput()))
        assert script.names().count("activate_tenant_key") == 1
        await rotate(client, message)
    assert script.names().count("activate_tenant_key") == 2
    assert script.names().count("rewrap_tenant_keys") == 1
