"""`python -m cli` is the `sealcast` command."""

from __future__ import annotations

from cli.main import run

run()
