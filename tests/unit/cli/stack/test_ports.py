"""Ports stay the same where they can, and never collide."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.stack.ports import PortBook, free_port, is_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_port_with_a_listener_is_not_free(taken: int) -> None:
    assert not is_free(taken)
    assert free_port(taken) != taken


def test_usual_port_is_given_when_free(tmp_path: Path) -> None:
    usual = free_port()
    assert PortBook(tmp_path / "ports.json").choose("postgres", usual) == usual


def test_usual_port_that_is_taken_is_avoided_and_the_choice_remembered(tmp_path: Path, taken: int) -> None:
    chosen = PortBook(tmp_path / "ports.json").choose("postgres", taken)
    assert chosen != taken
    assert PortBook(tmp_path / "ports.json").choose("postgres", taken) == chosen


def test_remembered_port_that_is_taken_by_now_is_replaced(tmp_path: Path) -> None:
    first = PortBook(tmp_path / "ports.json", prefer_usual=False).choose("postgres", 5432)
    with socket.create_server(("127.0.0.1", first)):
        assert PortBook(tmp_path / "ports.json").choose("postgres", first) != first


def test_two_servers_never_get_the_same_port(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json")
    usual = free_port()
    assert len({book.choose(name, usual) for name in ("a", "b", "c")}) == 3


def test_choice_stands_while_the_book_lives_even_once_it_is_in_use(tmp_path: Path) -> None:
    book = PortBook(tmp_path / "ports.json", prefer_usual=False)
    port = book.choose("postgres", 5432)
    with socket.create_server(("127.0.0.1", port)):
        assert book.choose("postgres", 5432) == port
        book.forget("postgres")
        assert book.choose("postgres", 5432) != port
