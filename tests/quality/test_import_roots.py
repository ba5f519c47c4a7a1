"""`import graphql` must be graphql-core, not our folder (docs/adr/0002)."""

from __future__ import annotations

from pathlib import Path

import graphql

ROOT = Path(__file__).parents[2]


def test_graphql_is_the_installed_library() -> None:
    assert ROOT not in Path(graphql.__file__).parents or ".venv" in graphql.__file__
    assert hasattr(graphql, "GraphQLSchema")


def test_graphql_folder_is_not_a_package() -> None:
    assert not (ROOT / "graphql" / "__init__.py").exists()
