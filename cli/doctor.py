"""`sealcast doctor`: what this machine has, what it lacks, and the command that gets it."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.doctor_checks import CHECKS, SERVER_VARIABLES, Check, Finding, Status

_MARKS = {Status.OK: ("✓", "green"), Status.MISSING: ("✗", "bold red"), Status.OPTIONAL_MISSING: ("-", "yellow")}


def run_doctor(*, as_json: bool = False) -> int:
    """Print what was found; 0 when nothing required is missing, else 1."""
    findings = diagnose(CHECKS, os.environ)
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _print_table(findings)
    return int(any(finding.status is Status.MISSING for finding in findings))


def diagnose(checks: Iterable[Check], environment: Mapping[str, str]) -> list[Finding]:
    """One finding per check. A server that the environment names needs nothing installed for it."""
    return [_given(check, environment) or check.run() for check in checks]


def _given(check: Check, environment: Mapping[str, str]) -> Finding | None:
    variable = SERVER_VARIABLES.get(check.name)
    if variable is None or not environment.get(variable):
        return None
    return Finding(check.name, Status.OK, f"not needed: {variable} names a server")


def _print_table(findings: list[Finding]) -> None:
    console = Console()
    table = Table("", "What", "Found", box=None, pad_edge=False)
    for finding in findings:
        mark, style = _MARKS[finding.status]
        table.add_row(Text(mark, style=style), finding.name, Text(finding.detail))
    console.print(table)
    _print_remedies(console, "Missing", [one for one in findings if one.status is Status.MISSING])
    _print_remedies(console, "Optional", [one for one in findings if one.status is Status.OPTIONAL_MISSING])
    if not any(finding.status is Status.MISSING for finding in findings):
        console.print("\nNothing that is required is missing.", style="green")
    sys.stdout.flush()


def _print_remedies(console: Console, title: str, findings: list[Finding]) -> None:
    """Each command once, with what it is for."""
    by_command: dict[str, list[str]] = {}
    for finding in findings:
        by_command.setdefault(finding.remedy, []).append(finding.name)
    for command, names in by_command.items():
        console.print(f"\n{title}: {', '.join(names)}", style="bold")
        console.print(f"  {command}", highlight=False, soft_wrap=True)
