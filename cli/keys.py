"""`sealcast keys`: what operators do with keys. Talks to the database, and to Temporal for rotations."""

from __future__ import annotations

import getpass
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from rich.console import Console
from rich.table import Table

from cli.chain_verdict import noted_entry, show_verdict
from cli.failures import CommandFailed
from cli.serve import settings_or_explain
from core.contracts.rotate_keys import RotateKeysInput
from core.db.models import Organisation
from core.db.unit_of_work import UnitOfWork, open_database
from core.domain.errors import NotFound
from core.services.keys.read_audit import read_audit
from core.services.keys.revoke_content_key import revoke_content_key
from core.services.keys.verify_audit import verify_audit
from core.services.organisations.find_organisation import find_organisation
from workers.client import connect
from workflows.gateway import TemporalGateway


async def run_rotate_tenant(name: str, *, wait: bool) -> None:
    async with _database() as uow:
        organisation = await find_organisation(uow, name)
    await _rotate(RotateKeysInput(organisation.id), f"the key of {organisation.slug}", wait=wait)


async def run_rotate_root(*, everything: bool, wait: bool) -> None:
    await _rotate(RotateKeysInput(everything=everything), "the root key", wait=wait)


async def _rotate(message: RotateKeysInput, what: str, *, wait: bool) -> None:
    gateway = TemporalGateway(await connect(settings_or_explain()))
    await gateway.start_rotation(message)
    if not wait:
        print(f"rotating {what}; the workers do it, and Temporal's Web UI shows how far they are")
        return
    done = await gateway.wait_for_rotation(message.organisation_id)
    print(f"rotated {what}; keys re-wrapped: {done.rewrapped}")


async def run_revoke(kid: str) -> None:
    kid = _kid(kid)
    async with _database() as uow:
        owner = await uow.keys.owner_of(kid)
        if owner is None:
            raise NotFound(f"There is no key {kid}.")
        await revoke_content_key(uow, owner, kid, actor=f"operator:{getpass.getuser()}", request_id="cli")
        await uow.commit()
    print(f"revoked {kid}: no licence holds it from now on")


async def run_audit(name: str | None, kid: str | None, limit: int) -> None:
    kid = _kid(kid) if kid else None
    async with _database() as uow:
        for organisation in await _chosen(uow, name):
            await _show(uow, organisation, kid, limit)


async def run_verify_audit(name: str | None, noted: str | None) -> int:
    """Exit code: 1 when an entry is not what was written."""
    if noted is not None and name is None:
        raise CommandFailed("name the organisation that the noted entry belongs to.")
    async with _database() as uow:
        chosen = await _chosen(uow, name)
        verdicts = [(each.slug, await verify_audit(uow, each.id, noted_entry(noted))) for each in chosen]
    return max([show_verdict(slug, verdict) for slug, verdict in verdicts], default=0)


async def _chosen(uow: UnitOfWork, name: str | None) -> Sequence[Organisation]:
    return [await find_organisation(uow, name)] if name else await uow.organisations.all()


async def _show(uow: UnitOfWork, organisation: Organisation, kid: str | None, limit: int) -> None:
    table = Table("when", "what", "who", "request", "keys", title=organisation.slug)
    for line in await read_audit(uow, organisation.id, kid, limit):
        at = line.at.isoformat(timespec="seconds")
        table.add_row(at, line.what, line.who, line.request_id, "\n".join(line.kids))
    Console().print(table)


def _kid(text: str) -> str:
    """As it is stored: 32 lower-case hex digits."""
    try:
        return UUID(hex=text).hex
    except ValueError:
        raise CommandFailed("a key id is 32 hex digits, with or without dashes.") from None


@asynccontextmanager
async def _database() -> AsyncIterator[UnitOfWork]:
    async with open_database(settings_or_explain().database_url, pool_size=1) as factory, factory() as uow:
        yield uow
