"""The first organisation of a development installation, and its API key in a file."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from cli.stack.data_directory import write_private
from core.db.unit_of_work import UnitOfWorkFactory
from core.domain.errors import Unauthenticated
from core.services.organisations.authenticate_api_key import authenticate_api_key
from core.services.organisations.ensure_demo_organisation import ensure_demo_organisation


def key_file(data_dir: Path) -> Path:
    return data_dir / "secrets" / "api.key"


async def ensure_first_key(uow: UnitOfWorkFactory, data_dir: Path) -> str:
    """The key in the file, if it is still good; else a new one, readable by its owner only."""
    path = key_file(data_dir)
    async with uow() as work:
        if path.exists():
            secret = path.read_text(encoding="ascii").strip()
            with suppress(Unauthenticated):
                await authenticate_api_key(work, secret, datetime.now(UTC))
                return secret
        secret = await ensure_demo_organisation(work)
        await work.commit()
    write_private(path, secret + "\n")
    return secret
