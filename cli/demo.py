"""`sealcast demo`: one video from file to playback, on the embedded servers."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from cli.api_client import api_client
from cli.connection import find_connection
from cli.dev import running_platform, show_addresses
from cli.failures import CommandFailed
from cli.ingest import READY, follow, show_outcome, upload
from cli.proof import prove_playback
from workers.lifecycle import stop_on_signals

SAMPLE = Path(__file__).parents[1] / "samples" / "big-buck-bunny-20s.mkv"
_PROVEN_SECONDS = 3.0


async def run_demo(video: Path | None, data_dir: Path, port: int | None, *, once: bool) -> int:
    """Exit code: 0 when it plays (with `once`) or was left running until Ctrl-C; 1 when it was not published."""
    file = video or SAMPLE
    if not file.is_file():
        raise CommandFailed(f"{file} is not a file.")
    console = Console()
    stop = stop_on_signals()
    console.print(f"[bold]Sealcast demo:[/] {file.name} becomes a protected stream.", highlight=False)
    async with running_platform(data_dir, port, console, stop) as platform:
        show_addresses(console, platform)
        connection = find_connection(data_dir, platform.settings.public_url, None)
        async with api_client(connection) as api:
            video_id = await upload(api, file, file.stem, console)
            outcome = await follow(api, video_id, file.stem, console)
            show_outcome(console, outcome)
            if outcome.state != READY:
                return 1
            session = await api.open_session(video_id)
        if once:
            return await _prove(console, connection.url, session["token"], data_dir)
        console.print("\nWatch it (the address is good for some hours):", style="bold")
        console.print(f"  {session['player_url']}\n", highlight=False, soft_wrap=True)
        console.print("Ctrl-C stops everything.")
        await stop.wait()
    return 0


async def _prove(console: Console, api_url: str, token: str, data_dir: Path) -> int:
    screenshot = data_dir / "proof.png"
    proof = await prove_playback(api_url, token, screenshot=screenshot, seconds=_PROVEN_SECONDS, report=console.print)
    proven = proof.proves(_PROVEN_SECONDS)
    console.print(
        Text("played" if proven else "NOT PROVEN", style="bold green" if proven else "bold red"), proof.summary()
    )
    if proof.screenshot is not None:
        console.print(f"screenshot: {proof.screenshot}", highlight=False, soft_wrap=True)
    return 0 if proven else 1
