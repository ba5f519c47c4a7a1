"""`sealcast users`: what operators do with members. Talks to the database."""

from __future__ import annotations

import getpass
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from cli.chain_verdict import noted_entry, show_verdict
from cli.failures import CommandFailed
from cli.serve import settings_or_explain
from core.adapters.root_key import open_root_key
from core.db.unit_of_work import UnitOfWorkFactory, open_database
from core.services.accounts.impersonate import impersonate
from core.services.accounts.passwords import Passwords
from core.services.accounts.start_session import TokenIssuer
from core.services.audit.signed_by import SignedBy
from core.services.audit.verify_log import verify_log
from core.services.members.create_owner import create_owner
from core.services.organisations.find_organisation import find_organisation
from core.services.tokens.token_keys import TokenKeys


async def run_create_owner(email: str, slug: str, name: str | None) -> None:
    """The password comes from a prompt, or, where nobody sits, from the first line of standard input."""
    password = _password()
    async with _database() as factory, factory() as uow:
        await create_owner(uow, Passwords(), slug, name or slug, email, password, _operator())
        await uow.commit()
    print(f"{email.strip().lower()} is an owner of {slug}, and can sign in")


async def run_impersonate(email: str, reason: str) -> None:
    settings = settings_or_explain()
    async with _database() as factory, factory() as uow:
        issuer = TokenIssuer(TokenKeys(factory, open_root_key(settings)), settings.public_url)
        token = await impersonate(uow, issuer, email, reason, getpass.getuser(), _operator())
        await uow.commit()
    print("An access token for ten minutes, noted in the organisation's audit log:", file=sys.stderr)
    print(token)


async def run_verify_log(name: str | None, noted: str | None) -> int:
    """Exit code: 1 when an entry is not what was written."""
    if noted is not None and name is None:
        raise CommandFailed("name the organisation that the noted entry belongs to.")
    async with _database() as factory, factory() as uow:
        chosen = [await find_organisation(uow, name)] if name else await uow.organisations.all()
        verdicts = [(each.slug, await verify_log(uow, each.id, noted_entry(noted))) for each in chosen]
    return max([show_verdict(slug, verdict) for slug, verdict in verdicts], default=0)


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise CommandFailed("the passwords differ.")
    return password


def _operator() -> SignedBy:
    return SignedBy(f"operator:{getpass.getuser()}", datetime.now(UTC), request_id="cli")


@asynccontextmanager
async def _database() -> AsyncIterator[UnitOfWorkFactory]:
    async with open_database(settings_or_explain().database_url, pool_size=2) as factory:
        yield factory
