"""The `sealcast` command. Only reads arguments; each command lives in a module of its own."""

from __future__ import annotations

import asyncio
import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from core.domain.media.plan import ProtectionScheme

app = typer.Typer(
    name="sealcast",
    help="Sell and protect video on your own servers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

keys = typer.Typer(help="Rotate, revoke and audit keys, re-key videos.", no_args_is_help=True)
app.add_typer(keys, name="keys")
users = typer.Typer(help="Members: the first owner, and support in a member's place.", no_args_is_help=True)
app.add_typer(users, name="users")

DataDir = Annotated[
    Path,
    typer.Option("--data-dir", envvar="SEALCAST_DATA_DIR", help="Where the embedded servers keep everything."),
]
Port = Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port of the API and the player.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait until it is done.")]
DEFAULT_DATA_DIR = Path(".sealcast")


class FleetName(StrEnum):
    ALL = "all"
    ORCHESTRATION = "orchestration"
    MEDIA = "media"
    EGRESS = "egress"


@app.command()
def dev(data_dir: DataDir = DEFAULT_DATA_DIR, port: Port = None) -> None:
    """Run everything on this machine: servers, API, player and workers. Ctrl-C stops it."""
    from cli.dev import run_dev

    asyncio.run(run_dev(data_dir, port))


@app.command()
def demo(
    video: Annotated[Path | None, typer.Argument(help="A video of yours; without it, the sample clip.")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    port: Port = None,
    once: Annotated[bool, typer.Option("--once", help="Prove that it plays, then exit.")] = False,
) -> None:
    """Publish a video on the embedded servers and show where to watch it."""
    from cli.demo import run_demo

    raise typer.Exit(asyncio.run(run_demo(video, data_dir, port, once=once)))


@app.command()
def ingest(
    file: Annotated[Path, typer.Argument(help="The video file.", metavar="FILE")],
    title: Annotated[str | None, typer.Option(help="Its title; the file's name when left out.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Show progress and wait until it is published.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one line of JSON at the end.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    api_url: Annotated[
        str | None,
        typer.Option("--api", envvar="SEALCAST_API_URL", help="The API; found in the data directory if unset."),
    ] = None,
    crypto_period: Annotated[
        int | None,
        typer.Option(help="Change the content keys after so many seconds, 60 to 86400.", metavar="SECONDS"),
    ] = None,
) -> None:
    """Upload a video through the API, as any client would. Exit code 1 when it ends other than ready."""
    from cli.ingest import run_ingest

    key = os.environ.get("SEALCAST_API_KEY")
    ingesting = run_ingest(file, title, data_dir, api_url, key, crypto_period=crypto_period, wait=wait, as_json=as_json)
    raise typer.Exit(asyncio.run(ingesting))


@app.command()
def api() -> None:
    """Run the API: uploads, progress, playback, licences, player."""
    from cli.serve import run_api

    asyncio.run(run_api())


@app.command()
def worker(fleet: Annotated[FleetName, typer.Argument(help="Which fleet this process belongs to.")]) -> None:
    """Run a worker process until SIGTERM."""
    from cli.serve import run_worker
    from core.contracts import queues
    from workers.registry import FLEETS

    # What needs a route out runs in the same processes, on queues of its own.
    together = {FleetName.ALL: list(FLEETS), FleetName.EGRESS: [queues.EGRESS, queues.IMPORTS]}
    asyncio.run(run_worker(together.get(fleet, [fleet.value])))


@app.command()
def migrate() -> None:
    """Bring the database's schema up to date, and create the bucket if it is missing."""
    from cli.serve import run_migrate

    asyncio.run(run_migrate())


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False) -> None:
    """Say what is missing on this machine and how to get it."""
    from cli.doctor import run_doctor

    raise typer.Exit(run_doctor(as_json=as_json))


@keys.command("rotate-tenant")
def rotate_tenant(
    organisation: Annotated[str, typer.Argument(help="Slug or id of the organisation.", metavar="ORG")],
    wait: Wait = False,
) -> None:
    """Give an organisation a new tenant key and re-wrap its content keys. Playback and publishing go on."""
    from cli.keys import run_rotate_tenant

    asyncio.run(run_rotate_tenant(organisation, wait=wait))


@keys.command("rotate-root")
def rotate_root(
    everything: Annotated[
        bool,
        typer.Option("--everything", help="Also what the current root key wrapped, after a rotation inside the KMS."),
    ] = False,
    wait: Wait = False,
) -> None:
    """Re-wrap all tenant keys under the current root key. Name the old one in SEALCAST_OTHER_ROOT_KEYS first."""
    from cli.keys import run_rotate_root

    asyncio.run(run_rotate_root(everything=everything, wait=wait))


@keys.command()
def revoke(kid: Annotated[str, typer.Argument(help="The key id: 32 hex digits.", metavar="KID")]) -> None:
    """Never give this content key to anybody again. There is no way back."""
    from cli.keys import run_revoke

    asyncio.run(run_revoke(kid))


@keys.command()
def rekey(
    video: Annotated[str, typer.Argument(help="The video's id: 32 hex digits.", metavar="VIDEO")],
    scheme: Annotated[
        ProtectionScheme | None, typer.Option("--scheme", help="Encrypt by this one from now on; as before if unset.")
    ] = None,
    wait: Wait = False,
) -> None:
    """Publish a video once more under new content keys, without encoding. Exit code 1 when it fails."""
    from cli.rekey import run_rekey

    asyncio.run(run_rekey(video, scheme, wait=wait))


@keys.command()
def audit(
    organisation: Annotated[str | None, typer.Argument(help="Slug or id; all when left out.", metavar="ORG")] = None,
    kid: Annotated[str | None, typer.Option("--kid", help="Only what happened to this key.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Lines for each organisation.")] = 50,
    verify: Annotated[bool, typer.Option("--verify", help="Check that nothing was changed or removed.")] = False,
    noted: Annotated[str | None, typer.Option("--noted", help="Also check against what --verify printed then.")] = None,
) -> None:
    """Show who opened which content keys, newest first. With --verify, name the first bad entry; exit code 1 then."""
    from cli.keys import run_audit, run_verify_audit

    if verify or noted is not None:
        raise typer.Exit(asyncio.run(run_verify_audit(organisation, noted)))
    asyncio.run(run_audit(organisation, kid, limit))


@users.command("create-owner")
def create_owner(
    email: Annotated[str, typer.Argument(help="Their e-mail address.", metavar="EMAIL")],
    organisation: Annotated[str, typer.Option("--organisation", help="Its slug; created when there is none.")],
    name: Annotated[str | None, typer.Option("--name", help="A new organisation's name; its slug if unset.")] = None,
) -> None:
    """Give an organisation an owner, who can sign in. The password is asked for, or read from standard input."""
    from cli.users import run_create_owner

    asyncio.run(run_create_owner(email, organisation, name))


@users.command()
def impersonate(
    email: Annotated[str, typer.Argument(help="The member's e-mail address.", metavar="EMAIL")],
    reason: Annotated[str, typer.Option("--reason", help="The organisation's audit log shows it.")],
) -> None:
    """Print an access token to act in a member's place for ten minutes. Noted in the organisation's audit log."""
    from cli.users import run_impersonate

    asyncio.run(run_impersonate(email, reason))


@app.command("verify-audit-log")
def verify_audit_log(
    organisation: Annotated[str | None, typer.Argument(help="Slug or id; all when left out.", metavar="ORG")] = None,
    noted: Annotated[str | None, typer.Option("--noted", help="Also check against what this printed then.")] = None,
) -> None:
    """Check that nothing in the audit log was changed or removed; exit code 1 and the first bad entry otherwise."""
    from cli.users import run_verify_log

    raise typer.Exit(asyncio.run(run_verify_log(organisation, noted)))


def run() -> None:
    """Entry point: expected failures become one sentence and exit code 1, never a traceback."""
    from cli.failures import explain

    with explain():
        app()


if __name__ == "__main__":
    run()
