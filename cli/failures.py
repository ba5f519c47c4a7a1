"""Expected failures of a command, told in one sentence."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text

from core.domain.errors import DomainError
from core.ports import KeyUnavailable, WorkflowsUnavailable


class CommandFailed(Exception):
    """The command cannot go on; the message says why and what to do."""


_EXPECTED = (CommandFailed, DomainError, KeyUnavailable, WorkflowsUnavailable)


@contextmanager
def explain() -> Iterator[None]:
    """Print expected failures as a sentence; let everything else show its traceback."""
    try:
        yield
    except _EXPECTED as error:
        _print(error)
        sys.exit(1)
    except BaseExceptionGroup as group:
        # What fails inside a task group arrives wrapped.
        failed = group.subgroup(_EXPECTED)
        if failed is None:
            raise
        _print(_leaf(failed))
        sys.exit(1)


def _leaf(group: BaseExceptionGroup[Exception]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _print(error: BaseException) -> None:
    Console(stderr=True).print(Text("sealcast: ", style="bold red") + Text(str(error)), soft_wrap=True)
