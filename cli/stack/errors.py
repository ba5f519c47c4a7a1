"""What can go wrong with the embedded servers, told so that a person can act on it."""

from __future__ import annotations

from pathlib import Path

from cli.failures import CommandFailed


class StackError(CommandFailed):
    """The embedded servers cannot run; the message says why and what to do."""


class StackLocked(StackError):
    """Another process already runs the servers of this data directory."""


class ToolMissing(StackError):
    """A program that a server needs is not installed."""

    def __init__(self, server: str, program: str, remedy: str) -> None:
        super().__init__(f"{server} needs {program}, which is not installed. Get it with: {remedy}")
        self.server = server
        self.program = program


class ServerFailed(StackError):
    """A server did not start, or ended by itself. Carries its log, of which the last lines are shown."""

    def __init__(self, server: str, reason: str, log_file: Path, log_tail: str) -> None:
        shown = f"\n  last lines of {log_file}:\n{_indented(log_tail)}" if log_tail else f"\n  (nothing in {log_file})"
        super().__init__(f"{server} {reason}{shown}")
        self.server = server
        self.reason = reason
        self.log_file = log_file
        self.log_tail = log_tail

    @property
    def port_was_taken(self) -> bool:
        """Whether somebody else got the port between our look and the server's bind."""
        return "in use" in self.log_tail.lower()


class NotAnswering(StackError):
    """A round trip in the server's own protocol failed. While starting, this only means "not yet"."""


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
