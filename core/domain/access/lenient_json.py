"""JSON as customers write it: inside a string, with single quotes, hexadecimal numbers or a comma too many.

VdoCipher's own samples send `[{'type':'rtext', 'color': 0xFF0000}]` (docs, playbackauth/anno). Nothing is ever
evaluated: this is a tokenizer and a parser of bounded depth, linear in the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_CHARACTERS = 32_768
MOST_DEPTH = 8

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<punctuation>[\[\]{}:,])
    | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<hexadecimal>[+-]?0[xX][0-9a-fA-F]{1,16})(?!\w)
    | (?P<number>[+-]?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?)(?![\w.])
    | (?P<word>true|false|null|True|False|None)(?!\w)
    )""",
    re.VERBOSE | re.ASCII | re.DOTALL,
)
_WORDS = {"true": True, "True": True, "false": False, "False": False, "null": None, "None": None}
_IN_SINGLE_QUOTES = re.compile(r"\\.|\"", re.DOTALL)


class NotJson(ValueError):
    """Neither JSON nor anything that is plainly meant as JSON. Says where, never what."""


def parse(text: str) -> Any:
    """Strict JSON first, then the tolerant form. Raises NotJson."""
    if len(text) > MOST_CHARACTERS:
        raise NotJson(f"longer than {MOST_CHARACTERS} characters")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _Parser(list(_tokens(text))).document()


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    position: int


def _tokens(text: str) -> Iterator[_Token]:
    position, end = 0, len(text.rstrip())
    while position < end:
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            raise NotJson(f"unexpected character at {position}")
        yield _Token(found.lastgroup, found[found.lastgroup], position)
        position = found.end()


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0

    def document(self) -> Any:
        value = self._value(0)
        if self._next < len(self._tokens):
            raise NotJson(f"something follows the end at {self._tokens[self._next].position}")
        return value

    def _value(self, depth: int) -> Any:
        if depth > MOST_DEPTH:
            raise NotJson(f"nested deeper than {MOST_DEPTH}")
        token = self._take()
        if token.kind != "punctuation":
            return _scalar(token)
        if token.text == "[":
            return self._array(depth)
        if token.text == "{":
            return self._object(depth)
        raise NotJson(f"unexpected character at {token.position}")

    def _array(self, depth: int) -> list[Any]:
        items: list[Any] = []
        while not self._closes("]"):
            items.append(self._value(depth + 1))
            self._separator("]")
        return items

    def _object(self, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while not self._closes("}"):
            name = self._take()
            if name.kind != "string" or self._take().text != ":":
                raise NotJson(f"a quoted name and a colon were expected at {name.position}")
            members[_string(name)] = self._value(depth + 1)
            self._separator("}")
        return members

    def _take(self) -> _Token:
        if self._next >= len(self._tokens):
            raise NotJson("it ends too early")
        self._next += 1
        return self._tokens[self._next - 1]

    def _closes(self, bracket: str) -> bool:
        closing = self._next < len(self._tokens) and self._tokens[self._next].text == bracket
        self._next += closing
        return closing

    def _separator(self, bracket: str) -> None:
        """A comma, or the closing bracket, which stays."""
        if self._next < len(self._tokens) and self._tokens[self._next].text == bracket:
            return
        token = self._take()
        if token.text != ",":
            raise NotJson(f"a comma was expected at {token.position}")


def _scalar(token: _Token) -> Any:
    if token.kind == "string":
        return _string(token)
    if token.kind == "word":
        return _WORDS[token.text]
    if token.kind == "hexadecimal":
        return int(token.text, 16)
    return float(token.text) if set(token.text) & set(".eE") else int(token.text)


def _string(token: _Token) -> str:
    inner = token.text[1:-1]
    if token.text[0] == "'":
        inner = _IN_SINGLE_QUOTES.sub(lambda found: _as_double_quoted(found[0]), inner)
    try:
        return str(json.loads(f'"{inner}"', strict=False))
    except ValueError:
        raise NotJson(f"unknown escape in the string at {token.position}") from None


def _as_double_quoted(piece: str) -> str:
    return {"\\'": "'", '"': '\\"'}.get(piece, piece)
