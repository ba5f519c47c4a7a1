"""A publication's progress in the terminal: live where there is one, a line a step where there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

Reading = Mapping[str, Any]
_MARKS = {"waiting": ("·", "dim"), "running": ("▸", "bold cyan"), "done": ("✓", "green"), "failed": ("✗", "red")}


class ProgressView(Protocol):
    def show(self, reading: Reading) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class LiveView:
    """Redraws a table of steps: bar, percent, frames per second, speed, what is worked on, seconds."""

    def __init__(self, console: Console, title: str) -> None:
        self._title = title
        self._live = Live(console=console, refresh_per_second=4)

    def show(self, reading: Reading) -> None:
        self._live.update(render(self._title, reading))

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()


class LineView:
    """One line whenever a step begins or ends: for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._states: dict[str, str] = {}

    def show(self, reading: Reading) -> None:
        for step in reading["steps"]:
            name, state = step["step"], step["state"]
            if state != self._states.get(name, "waiting"):
                self._states[name] = state
                seconds = f" {step['seconds']:.1f} s" if state == "done" and step["seconds"] is not None else ""
                self._console.print(f"{name}: {state}{seconds}", highlight=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None


def view_for(console: Console, title: str) -> ProgressView:
    return LiveView(console, title) if console.is_terminal else LineView(console)


def render(title: str, reading: Reading) -> RenderableType:
    return Group(_headline(title, reading), _steps(reading["steps"]))


def _headline(title: str, reading: Reading) -> Table:
    row = Table.grid(padding=(0, 1))
    fraction = float(reading["fraction"])
    left = reading["remaining_seconds"]
    row.add_row(
        Text(title, style="bold"),
        ProgressBar(total=1.0, completed=fraction, width=30),
        f"{fraction:>4.0%}",
        Text(f"about {duration(left)} left" if left is not None else "", style="dim"),
    )
    return row


def _steps(steps: Sequence[Reading]) -> Table:
    table = Table.grid(padding=(0, 1))
    for step in steps:
        mark, style = _MARKS[step["state"]]
        running = step["state"] == "running"
        table.add_row(
            Text(f"  {mark} {step['step']}", style=style),
            ProgressBar(total=1.0, completed=float(step["fraction"]), width=20) if running else "",
            f"{step['fraction']:.0%}" if running else "",
            Text(_pace(step) if running else "", style="dim"),
            Text("" if step["seconds"] is None else duration(step["seconds"]), style="dim"),
        )
    return table


def _pace(step: Reading) -> str:
    parts = []
    if step["items"] > 1:
        parts.append(f"{step['items_done']}/{step['items']}")
    if step["fps"]:
        parts.append(f"{step['fps']:.0f} fps")
    if step["speed"]:
        parts.append(f"{step['speed']:.2f}x")
    if step["note"]:
        parts.append(step["note"])
    return "  ".join(parts)


def duration(seconds: float) -> str:
    """3.4 s, 2 min 05 s, 1 h 02 min."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"
