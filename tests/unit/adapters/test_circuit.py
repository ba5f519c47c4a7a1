"""A server that does not answer is tried by one caller at a time."""

from __future__ import annotations

import pytest

from core.adapters.circuit import Circuit, CircuitOpen


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def fail(circuit: Circuit) -> None:
    with pytest.raises(ConnectionError), circuit.trying(ConnectionError):
        raise ConnectionError


def spared(circuit: Circuit) -> None:
    with pytest.raises(CircuitOpen), circuit.trying(ConnectionError):
        pytest.fail("it was tried")


def test_after_a_failure_nobody_tries_for_a_while() -> None:
    clock = Clock()
    circuit = Circuit(2, clock)
    fail(circuit)
    spared(circuit)
    clock.seconds = 1.9
    spared(circuit)
    clock.seconds = 2.0
    fail(circuit)
    spared(circuit)


def test_one_tries_while_the_others_are_spared_and_its_success_lets_them_in() -> None:
    clock = Clock()
    circuit = Circuit(2, clock)
    fail(circuit)
    clock.seconds = 2.0
    with circuit.trying(ConnectionError):
        spared(circuit)
    for _ in range(2):
        with circuit.trying(ConnectionError):
            pass


def test_another_error_says_nothing_about_the_server() -> None:
    circuit = Circuit(2, Clock())
    with pytest.raises(ValueError, match="bug"), circuit.trying(ConnectionError):
        raise ValueError("bug")
    with circuit.trying(ConnectionError):
        pass
