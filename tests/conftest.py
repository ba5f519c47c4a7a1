"""Fixtures that any test may ask for. Nothing starts until it is asked for."""

from __future__ import annotations

pytest_plugins = ["tests.fixtures.stack", "tests.fixtures.platform"]
