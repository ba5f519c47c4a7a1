"""Where the API is and with which key to talk to it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from cli.failures import CommandFailed
from cli.first_key import key_file


@dataclass(frozen=True)
class Connection:
    """`url` without a trailing slash."""

    url: str
    key: str = field(repr=False)


def find_connection(data_dir: Path, api_url: str | None, api_key: str | None) -> Connection:
    """What the caller names, else the `sealcast dev` that runs over the data directory."""
    url = api_url or _running(data_dir)
    if url is None:
        raise CommandFailed(
            f"no Sealcast runs over {data_dir}. Start one with `sealcast dev`, "
            "or name an API with --api and SEALCAST_API_KEY."
        )
    key = api_key or _stored_key(data_dir)
    if key is None:
        raise CommandFailed("no API key: set SEALCAST_API_KEY.")
    if not (key.isascii() and key.isprintable()):
        raise CommandFailed("SEALCAST_API_KEY is not an API key: those are 64 hex digits.")
    return Connection(url.rstrip("/"), key)


def _running(data_dir: Path) -> str | None:
    try:
        published = json.loads((data_dir / "stack.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    url = published.get("api_url")
    return str(url) if url else None


def _stored_key(data_dir: Path) -> str | None:
    try:
        return key_file(data_dir).read_text(encoding="ascii").strip()
    except OSError:
        return None
