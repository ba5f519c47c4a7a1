"""Ingest every file of a folder with the `sealcast` command and hold the endings against the manifest.

    python -m tests.e2e.media_set.report [--data-dir DIR] [--output FILE] [FOLDER]

Needs a running `sealcast dev` over DIR. Prints a Markdown table; exit code 1 when any file ended otherwise than
expected. Files that the manifest does not know are shown without a verdict.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.media_set.verdict import EXPECTED, MEDIA, manifest_rows, verdict

AT_ONCE = 4
#: Longer than any honest file of the set takes on two busy cores; a hang shows as a row, not as a stuck report.
LONGEST_SECONDS = 900
SEALCAST = Path(sys.executable).with_name("sealcast")
HEADINGS = ("file", "expected", "state", "code", "sentence", "renditions", "warnings", "seconds", "verdict")


@dataclass(frozen=True)
class Ending:
    """`outcome` is the command's line of JSON, empty when there was none; `fault` says why."""

    path: Path
    seconds: float
    outcome: dict[str, Any] = field(default_factory=dict)
    fault: str = ""

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name}"

    def wrong(self) -> list[str]:
        expected = EXPECTED.get(self.name)
        if self.fault or expected is None:
            return [self.fault] if self.fault else []
        got = self.outcome
        return verdict(expected, got["state"], got["failure_code"], got["failure_sentence"], got["warnings"])


async def ingest(path: Path, data_dir: Path) -> Ending:
    """One file through the command, as a person would do it."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *(str(SEALCAST), "ingest", str(path), "--wait", "--json", "--data-dir", str(data_dir)),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), LONGEST_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        return Ending(path, time.monotonic() - began, fault=f"no end after {LONGEST_SECONDS} s")
    seconds = time.monotonic() - began
    lines = out.decode().splitlines()
    if not lines:
        return Ending(path, seconds, fault=f"exit {process.returncode}: {err.decode(errors='replace').strip()[-300:]}")
    return Ending(path, seconds, json.loads(lines[-1]))


async def ingest_all(files: Sequence[Path], data_dir: Path) -> list[Ending]:
    """Largest first, so that the end is not one long file alone. Results in the order of `files`."""
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(path: Path) -> Ending:
        async with slots:
            ending = await ingest(path, data_dir)
        sys.stderr.write(f"{ending.name}: {ending.outcome.get('state', ending.fault)}\n")
        return ending

    ordered = sorted(files, key=lambda path: -path.stat().st_size)
    done = await asyncio.gather(*map(one, ordered))
    return sorted(done, key=lambda ending: files.index(ending.path))


def table(endings: Sequence[Ending], words: dict[str, str]) -> str:
    rows = [HEADINGS, tuple("---" for _ in HEADINGS), *(_row(ending, words) for ending in endings)]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


def _row(ending: Ending, words: dict[str, str]) -> tuple[str, ...]:
    got, wrong = ending.outcome, ending.wrong()
    judged = ending.name in EXPECTED or ending.fault
    return (
        f"`{ending.name}`",
        words.get(ending.name, "—"),
        got.get("state", "—"),
        got.get("failure_code") or "—",
        got.get("failure_sentence") or "—",
        ", ".join(one["name"] for one in got.get("renditions", ())) or "—",
        ", ".join(got.get("warnings", ())) or "—",
        f"{ending.seconds:.1f}",
        ("NOT: " + "; ".join(wrong)) if wrong else ("ok" if judged else "—"),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=MEDIA, help="with files, or folders of files, in it")
    parser.add_argument("--data-dir", type=Path, default=Path(".sealcast"))
    parser.add_argument("--output", type=Path, help="write the table to this file as well")
    chosen = parser.parse_args()
    files = sorted(path for path in chosen.folder.rglob("*") if path.is_file() and path.name != "MANIFEST.md")
    endings = asyncio.run(ingest_all(files, chosen.data_dir))
    known = chosen.folder.resolve().is_relative_to(MEDIA.resolve()) and (MEDIA / "MANIFEST.md").is_file()
    text = table(endings, manifest_rows() if known else {})
    bad = sum(bool(ending.wrong()) for ending in endings)
    text += f"\n\n{len(endings)} files, {len(endings) - bad} as expected, {bad} not.\n"
    sys.stdout.write(text)
    if chosen.output:
        chosen.output.write_text(text, encoding="utf-8")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
